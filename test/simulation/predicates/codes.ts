import type { ImportResult } from '#libs/contracts/src/http/import.js';
import { codeAt } from '#test/support/people/authenticator.js';
import { secretOf } from '../world/cast.js';
import type { Answered, Happened } from '../world/history.js';
import { isGood } from './ledger.js';
import { secretsOf } from './model.js';
import { byLedger, type Predicate, SKEW_MS } from './predicate.js';

const STEP_MS = 30_000;
const stepAt = (ms: number) => Math.floor(ms / STEP_MS);

interface Typed {
  readonly code?: string;
  readonly backupCode?: string;
}
interface Attempted {
  readonly method?: 'totp' | 'backup-code';
  readonly reason?: 'wrong' | 'used';
  readonly authenticatorId?: string;
  readonly secretId?: string;
  readonly timeStep?: number;
}
const nameOf = ({ name, event: { portal, account } }: Happened) => `${name} of ${portal}/${account}`;

/** Secrets that people have seen, by id. */
function secretsSeen() {
  const secrets = new Map<string, Buffer>();
  const see = (observed: Answered) => {
    if (!isGood(observed) || !['setUp', 'reset', 'addTotp'].includes(observed.name)) return;
    const { setupId, otpauthUri } = observed.answer.body as { setupId: string; otpauthUri: string };
    secrets.set(setupId, secretOf(otpauthUri));
  };
  return { secrets, see };
}

export const rightCodes: Predicate = {
  rule: 'R17',
  says: 'the codes of three windows are right, and no others',
  begin: byLedger((complain, ledger) => {
    const { secrets, see } = secretsSeen();
    const newestOf = new Map<string, number>();
    return {
      seen: (observed) => {
        if (observed.kind === 'answered') see(observed);
        if (observed.kind !== 'event' || observed.app !== 'two-factor') return;
        const { name, event } = observed;
        const data = event.data as Attempted;
        const request = ledger.requestOf(event);
        const { code } = (request?.call.body ?? {}) as Typed;
        if (!request || code === undefined) return;
        const [earliest, latest] = [stepAt(request.at - SKEW_MS), stepAt(observed.at + SKEW_MS)];
        const stream = `${event.portal}/${event.account}`;
        const newest = newestOf.get(stream) ?? -1;
        const isSurelyRight = (id: string | undefined, olderThan = -1) => {
          const secret = secrets.get(id ?? '');
          for (let step = latest - 1; secret && step <= earliest + 1; step++) {
            if (step > olderThan && codeAt(secret, step) === code) return true;
          }
          return false;
        };
        const before = ledger.account(event.portal, event.account!).secondFactor.since(ledger.place - 1)[0]!;
        const { timeStep, authenticatorId: id = data.secretId } = data;
        if (timeStep !== undefined) {
          const secret = secrets.get(id!);
          if (timeStep < earliest - 1 || timeStep > latest + 1)
            complain(`${nameOf(observed)} with step ${timeStep}, and it was ${earliest} to ${latest}`);
          if (secret && codeAt(secret, timeStep) !== code) complain(`${nameOf(observed)} with a wrong code`);
          newestOf.set(stream, Math.max(newest, timeStep));
        }
        if (name === 'AttemptFailed' && data.method === 'totp' && data.reason === 'wrong') {
          if ([...before.authenticators.keys()].some((each) => isSurelyRight(each)))
            complain(`${nameOf(observed)} with a right code`);
        }
        if (name === 'ConfirmationFailed' && isSurelyRight(before.pending, newest))
          complain(`${nameOf(observed)} with a right code`);
      },
    };
  }),
};

export const onlyPresentSecrets: Predicate = {
  rule: 'R13',
  says: 'a code passes by a secret that the account has then',
  begin: byLedger((complain, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'event' || observed.app !== 'two-factor') return;
      const { name, event } = observed;
      const { method, authenticatorId } = event.data as Attempted;
      const before = ledger.account(event.portal, event.account!).secondFactor.since(ledger.place - 1)[0]!;
      if (name === 'AttemptSucceeded' && method === 'totp' && !before.authenticators.has(authenticatorId!))
        complain(nameOf(observed));
    },
  })),
};

export const backupCodesOfTheSet: Predicate = {
  rule: 'R10',
  says: 'ten backup codes are right, each once',
  begin: byLedger((complain, ledger) => {
    const issued = new Map<string, string>();
    const sets = new Map<string, readonly string[]>();
    const plain = (code: string) => code.replaceAll(/[^0-9A-Za-z]/g, '').toUpperCase();
    return {
      seen: (observed) => {
        if (observed.kind === 'answered' && isGood(observed)) {
          const { backupCodes } = (observed.answer.body ?? {}) as { backupCodes?: string[] };
          if (!backupCodes) return;
          if (new Set(backupCodes).size !== 10) complain(`${observed.name} showed ${backupCodes.length}`);
          sets.set(issued.get(observed.requestId) ?? '', backupCodes.map(plain));
        }
        if (observed.kind !== 'event' || observed.app !== 'two-factor') return;
        const { name, event } = observed;
        const data = event.data as unknown as Attempted & { setId: string; index: number };
        if (name === 'BackupCodesIssued') issued.set(event.context.correlationId, data.setId);
        const { backupCode } = (ledger.requestOf(event)?.call.body ?? {}) as Typed;
        if (backupCode === undefined) return;
        const before = ledger.account(event.portal, event.account!).secondFactor.since(ledger.place - 1)[0]!;
        const index = sets.get(before.setId ?? '')?.indexOf(plain(backupCode)) ?? -1;
        if (name === 'BackupCodeUsed' && sets.has(data.setId) && data.index !== index)
          complain(`${nameOf(observed)}: number ${data.index} of the set, and it is ${index}`);
        if (name === 'AttemptFailed' && index >= 0 && data.reason === 'wrong')
          complain(`${nameOf(observed)} with number ${index} of the set`);
      },
    };
  }),
};

export const vaultAsTheLogSays: Predicate = {
  rule: 'R13',
  says: 'the vault holds what the log names, and what it names no more is gone before the answer',
  begin: byLedger((complain, ledger, world) => {
    const dropped = new Map<string, string[]>();
    const stored = () =>
      new Set(
        world
          .database('two-factor')
          .stored('vault')
          .map(({ key }) => key.join('/')),
      );
    return {
      seen: (observed) => {
        if (observed.kind === 'event' && observed.app === 'two-factor') {
          const { portal, account, context } = observed.event;
          const { secondFactor } = ledger.account(portal, account!);
          const before = secretsOf(secondFactor.since(ledger.place - 1)[0]!);
          const now = secretsOf(secondFactor.now);
          const gone = before.filter((id) => !now.includes(id)).map((id) => `${portal}/${account}/${id}`);
          if (gone.length > 0)
            dropped.set(context.correlationId, [...(dropped.get(context.correlationId) ?? []), ...gone]);
        }
        if (observed.kind !== 'answered' || observed.answer.status === 0 || observed.answer.status >= 500) return;
        const gone = dropped.get(observed.requestId) ?? [];
        if (gone.length === 0) return;
        // a line that is refused for an outage may have come in all the same
        const isImport = observed.name === 'importAccounts';
        if (isImport && (observed.answer.body as ImportResult[]).some(({ outcome }) => outcome === 'refused')) return;
        const present = stored();
        for (const id of gone) if (present.has(id)) complain(`${observed.name} was answered, and ${id} is there`);
      },
      atRest: () => {
        const present = stored();
        for (const { portal, id, secondFactor } of ledger.accounts.values()) {
          for (const secret of secretsOf(secondFactor.now)) {
            if (!present.delete(`${portal}/${id}/${secret}`)) complain(`${portal}/${id}/${secret} is not there`);
          }
        }
        // what an outage has left of a change is noted, and destroyed within the hour
        const noted = world.database('two-factor').stored('vault-touched');
        for (const { key } of noted) present.delete(key.join('/'));
        for (const left of present) complain(`${left} is there, and nothing names it`);
      },
    };
  }),
};
