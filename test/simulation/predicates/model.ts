/** What a log says of one second factor, by a model that is simpler than the product's: for predicates to compare with. */
export interface Model {
  readonly status: 'none' | 'pending' | 'enabled';
  /** By id, the newest time step that passed. */
  readonly authenticators: ReadonlyMap<string, number>;
  /** The secret that is being set up, the first or one more. */
  readonly pending: string | undefined;
  readonly setId: string | undefined;
  readonly codesLeft: number;
  readonly used: readonly number[];
  readonly failures: number;
  /** Of them, those that locks which ended by themselves were for. */
  readonly paid: number;
  readonly locked: boolean;
  /** When the lock ends by itself, in milliseconds. */
  readonly lockEndsAt: number | undefined;
  /** Until when 2FA must be set up, in milliseconds; undefined: no time of grace has begun. */
  readonly graceEndsAt: number | undefined;
  /** Raised by whatever ends open challenges. */
  readonly epoch: number;
  readonly erased: boolean;
  /** Authenticators that imports have brought and that do not count yet, by the id of the import. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

export const nothing: Model = {
  status: 'none',
  authenticators: new Map(),
  pending: undefined,
  setId: undefined,
  codesLeft: 0,
  used: [],
  failures: 0,
  paid: 0,
  locked: false,
  lockEndsAt: undefined,
  graceEndsAt: undefined,
  epoch: 0,
  erased: false,
  imports: new Map(),
};

interface Data {
  readonly secretId: string;
  readonly authenticatorId?: string;
  readonly reason: string;
  readonly timeStep?: number;
  readonly alsoMatched?: readonly { readonly authenticatorId: string; readonly timeStep: number }[];
  readonly setId: string;
  readonly count: number;
  readonly index: number;
  readonly importId: string;
  readonly endsAt?: string;
  readonly graceEndsAt?: string;
}

/** The state after an event of two-factor. */
export function after(state: Model, name: string, recorded: Readonly<Record<string, unknown>>): Model {
  const data = recorded as unknown as Data;
  const { epoch } = state;
  switch (name) {
    case 'SecretIssued':
      if (data.reason === 'add') return { ...state, pending: data.secretId };
      return {
        ...gone(state),
        status: 'pending',
        pending: data.secretId,
        epoch: epoch + Number(data.reason === 'reset'),
      };
    case 'SetupFailed':
      return state.status === 'enabled' ? { ...state, pending: undefined } : gone(state);
    case 'TwoFactorEnabled':
      return { ...gone(state), status: 'enabled', authenticators: new Map([[data.secretId, data.timeStep ?? 0]]) };
    case 'AuthenticatorAdded':
      return {
        ...state,
        pending: undefined,
        authenticators: passed(state, [[data.authenticatorId!, data.timeStep ?? 0]]),
      };
    case 'AuthenticatorRemoved': {
      const left = [...state.authenticators].filter(([id]) => id !== data.authenticatorId);
      return { ...state, authenticators: new Map(left), epoch: epoch + 1 };
    }
    case 'BackupCodesIssued':
      return { ...state, setId: data.setId, codesLeft: data.count, used: [] };
    case 'BackupCodeUsed':
      return { ...state, codesLeft: state.codesLeft - 1, used: [...state.used, data.index] };
    case 'AttemptFailed':
      return { ...state, failures: state.failures + 1 };
    case 'AttemptSucceeded': {
      const { authenticatorId, timeStep, alsoMatched = [] } = data;
      if (authenticatorId === undefined || timeStep === undefined) return { ...state, failures: 0, paid: 0 };
      const steps = [{ authenticatorId, timeStep }, ...alsoMatched];
      const authenticators = passed(
        state,
        steps.map((each) => [each.authenticatorId, each.timeStep]),
      );
      return { ...state, failures: 0, paid: 0, authenticators };
    }
    case 'AccountLocked':
      return {
        ...state,
        locked: true,
        lockEndsAt: data.endsAt === undefined ? undefined : Date.parse(data.endsAt),
        epoch: epoch + 1,
      };
    case 'UserUnlocked': {
      const failures = data.reason === 'lock-ended' ? state.failures : 0;
      return { ...state, locked: false, lockEndsAt: undefined, failures, paid: failures, epoch: epoch + 1 };
    }
    case 'GraceBegan':
      return { ...state, graceEndsAt: Date.parse(data.endsAt!) };
    case 'TwoFactorDisabled': {
      const graceEndsAt = data.graceEndsAt === undefined ? state.graceEndsAt : Date.parse(data.graceEndsAt);
      return { ...gone(state), graceEndsAt, epoch: epoch + 1 };
    }
    case 'SecondFactorErased':
      return {
        ...gone(state),
        epoch: epoch + 1,
        erased: true,
        imports: new Map(),
        locked: false,
        lockEndsAt: undefined,
      };
    case 'AuthenticatorImported': {
      const brought = [...(state.imports.get(data.importId) ?? []), data.authenticatorId!];
      return { ...state, imports: new Map([...state.imports, [data.importId, brought]]) };
    }
    case 'SecondFactorImported': {
      const brought = state.imports.get(data.importId) ?? [];
      const authenticators = new Map(brought.map((id) => [id, -1]));
      return { ...gone(state), status: 'enabled', authenticators, imports: new Map() };
    }
    case 'ImportDiscarded':
      return { ...state, imports: new Map([...state.imports].filter(([id]) => id !== data.importId)) };
    default:
      return state;
  }
}

const gone = (state: Model): Model => ({
  ...nothing,
  failures: state.failures,
  paid: state.paid,
  locked: state.locked,
  lockEndsAt: state.lockEndsAt,
  graceEndsAt: state.graceEndsAt,
  epoch: state.epoch,
  erased: state.erased,
  imports: state.imports,
});

const passed = ({ authenticators }: Model, steps: readonly (readonly [string, number])[]) =>
  new Map([...authenticators, ...steps]);

/** What the vault has to hold, and nothing else. */
export const secretsOf = ({ authenticators, pending, setId, imports }: Model): string[] =>
  [...authenticators.keys(), pending, setId, ...[...imports.values()].flat()].filter((id) => id !== undefined);
