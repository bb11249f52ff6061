import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import type { TotpParameters } from '#libs/contracts/src/primitives.js';
import type { Refusal } from '#libs/contracts/src/problems.js';
import type { Decision, Sealed } from '#libs/event-store/src/decision.js';
import type { Authenticator, Import, SecondFactor } from './state.js';

export interface AuthenticatorToImport {
  readonly authenticatorId: string;
  readonly totp: TotpParameters;
  readonly name?: string | undefined;
}

/**
 * An import brings the second factor before the account, which cannot log in without it (R36). Several may bring one for the
 * same account, which then is registered by one of them or by another call: what the registration does not name is destroyed.
 */
export type ImportCommand =
  | {
      readonly type: 'Import';
      readonly importId: string;
      readonly authenticators: readonly AuthenticatorToImport[];
      /** The account is known here: it is too late. */
      readonly registered: boolean;
    }
  /** The account was registered, by that import; null: by none. */
  | { readonly type: 'SettleImports'; readonly importId: string | null }
  /** The account was not registered: of imports that began before that time, in milliseconds. */
  | { readonly type: 'DiscardImports'; readonly before: number };

/** Of one account that was never registered; beyond, one has to wait for the upkeep. */
const MOST_IMPORTS = 8;

export function decideImport(
  command: ImportCommand,
  { enrolment, imports, importedBy }: SecondFactor,
): Decision<TwoFactorEvent, { readonly done: true } | Refusal> {
  switch (command.type) {
    case 'Import': {
      const { importId, authenticators, registered } = command;
      if (importedBy === importId || imports.some(({ id }) => id === importId)) return accept([]);
      if (registered || importedBy !== null || enrolment.status !== 'none') return refuse('username-taken');
      if (imports.length >= MOST_IMPORTS) return refuse('unavailable');
      return accept(
        authenticators.map(({ authenticatorId, totp, name }) => ({
          type: 'AuthenticatorImported',
          data: { importId, authenticatorId, kind: 'totp', totp },
          ...(name !== undefined && { person: { authenticatorName: name } }),
        })),
      );
    }
    case 'SettleImports': {
      const { importId } = command;
      if (importId !== null && importId === importedBy) return accept([]);
      // no import replaces a second factor
      if (importId === null || enrolment.status !== 'none') return accept(imports.map(({ id }) => discarded(id)));
      if (!imports.some(({ id }) => id === importId)) return refuse('not-found');
      return accept([{ type: 'SecondFactorImported', data: { importId } }]);
    }
    case 'DiscardImports':
      return accept(imports.filter(({ at }) => at < command.before).map(({ id }) => discarded(id)));
    default:
      return command satisfies never;
  }
}

const discarded = (importId: string): TwoFactorEvent => ({ type: 'ImportDiscarded', data: { importId } });
const accept = (events: readonly TwoFactorEvent[]) => ({ events: [...events], answer: { done: true } as const });
const refuse = (refused: Refusal['refused']) => ({ events: [], answer: { refused } });

type Imported = Sealed<Extract<TwoFactorEvent, { type: 'AuthenticatorImported' }>>;

/** With one more authenticator of that import. */
export function withImported(imports: readonly Import[], { data, person }: Imported, at: number): readonly Import[] {
  const { importId, authenticatorId, kind, totp } = data;
  const present = imports.find(({ id }) => id === importId) ?? { id: importId, at, authenticators: [] };
  const authenticator: Authenticator = {
    id: authenticatorId,
    kind,
    name: person ?? null,
    addedAt: at,
    lastUsedAt: null,
    totp,
    lastAcceptedStep: 0,
    confirmedBy: null,
  };
  return [
    ...imports.filter(({ id }) => id !== importId),
    { ...present, authenticators: [...present.authenticators, authenticator] },
  ];
}
