import { randomUUID } from 'node:crypto';
import { secondFactorFold, SecondFactors } from '#apps/two-factor/src/accounts/second-factors.js';
import { isRefusal, unwrap } from '#apps/two-factor/src/second-factor/errors.js';
import { CHALLENGE_LASTS_MS } from '#libs/contracts/src/rules.js';
import type { Engine } from '#libs/engine/src/port.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { SNAPSHOTS } from '#libs/event-store/src/stream/snapshots.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import {
  hashBackupCode,
  newBackupCodes,
  normalizeBackupCode,
  serializeHashes,
} from '#libs/secrets/src/backup-codes.js';
import { timeStepAt } from '#libs/totp/src/totp.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { accountId, LIMIT, PORTAL, secretOf } from './accounts.js';

const MINUTE_MS = 60_000;
/** Wrong codes between two right ones. */
const WRONG = 20;
const policy = { enabled: true, addOn: true, contributor: true, maxFailedAttempts: LIMIT };

/** Events of an enrolment: `SecretIssued`, then `TwoFactorEnabled` with `BackupCodesIssued`. */
export const ENROLMENT = 3;

/** What accounts have done, by the product's own commands, minute by minute up to the present: all at once would be no history. */
export class History {
  private readonly aggregates;
  private readonly secondFactors;
  private readonly begin: number;
  private minute = 0;

  constructor(engine: Engine, config: Config, { accounts, minutes }: { accounts: number; minutes: number }) {
    this.begin = Date.now() - (minutes + 10) * MINUTE_MS;
    const clock = () => this.now;
    const snapshots = engine.records<never>(SNAPSHOTS);
    this.aggregates = new Aggregates(secondFactorFold, { log: engine.log, snapshots, clock, cacheSize: accounts + 1 });
    this.secondFactors = new SecondFactors(this.aggregates, new RecordsVault(engine, config.vaultKeys, clock), clock);
  }

  passMinute(): void {
    this.minute += 1;
  }

  async enrol(index: number): Promise<void> {
    const account = accountOf(index);
    const secretId = randomUUID();
    const setId = randomUUID();
    const proof = { sessionId: 'bench', passwordAt: this.now, secretId: null };
    const evidence = { kind: 'totp', matchedStep: timeStepAt(this.now) } as const;
    const setUp = { type: 'SetUp', policy, proof, secretId } as const;
    const confirm = { type: 'Confirm', policy, proof, evidence, setId } as const;
    const secret = { [secretId]: secretOf(index) };
    const codes = { [setId]: backupCodeHashes(setId) };
    unwrap((await this.secondFactors.execute(account, originOf(account), () => setUp, secret)).answer);
    unwrap((await this.secondFactors.execute(account, originOf(account), () => confirm, codes)).answer);
  }

  async attempt(index: number): Promise<void> {
    const account = accountOf(index);
    const right = this.minute % (WRONG + 1) === WRONG;
    const challenge = { id: randomUUID(), epoch: 0, expiresAt: this.now + CHALLENGE_LASTS_MS };
    const attempt = { purpose: 'login', challenge } as const;
    const evidence = { kind: 'totp', matchedStep: right ? timeStepAt(this.now) : null } as const;
    const verify = { type: 'Verify', policy, attempt, evidence } as const;
    const { answer } = await this.secondFactors.execute(account, originOf(account), () => verify);
    if (right || (isRefusal(answer) && answer.refused !== 'wrong-code')) unwrap(answer);
  }

  /** When all of it is written, snapshots included. */
  settled(): Promise<void> {
    return this.aggregates.settled();
  }

  private get now(): number {
    return this.begin + this.minute * MINUTE_MS;
  }
}

const accountOf = (index: number) => ({ portal: PORTAL, accountId: accountId(index) });
const originOf = ({ accountId: id }: { accountId: string }) => ({ actor: { kind: 'user' as const, id } });

const backupCodeHashes = (setId: string): Buffer =>
  serializeHashes(newBackupCodes(10).map((code) => hashBackupCode(setId, normalizeBackupCode(code) ?? '')));
