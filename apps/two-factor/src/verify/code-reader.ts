import { Inject, Injectable } from '@nestjs/common';
import { findBackupCode, normalizeBackupCode, parseHashes } from '#libs/secrets/src/backup-codes.js';
import { clockOffSeconds, isWellFormed, matchStep, timeStepAt } from '#libs/totp/src/totp.js';
import { type Vault, VaultDamaged } from '#libs/vault/src/port.js';
import type { Evidence, Match } from '../second-factor/attempts.js';
import { type Authenticator, authenticatorsOf, type PendingSetup, type SecondFactor } from '../second-factor/state.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { VAULT } from '../change/second-factors.js';

/** What a person typed: a code, or a backup code. */
export interface TypedCode {
  readonly code?: string;
  readonly backupCode?: string;
}

/** Looks at a typed code. Asked only after the rules allow to look (R21, R23). */
@Injectable()
export class CodeReader {
  constructor(@Inject(VAULT) private readonly vault: Vault) {}

  /** Against every authenticator that has codes of this length, side by side (R45), or the backup codes. */
  async read(account: AccountRef, state: SecondFactor, typed: TypedCode, now: number): Promise<Evidence> {
    const { code } = typed;
    if (code === undefined)
      return typed.backupCode === undefined ? { kind: 'none' } : this.readBackupCode(account, state, typed.backupCode);
    const tried = authenticatorsOf(state).filter(({ totp }) => isWellFormed(code, totp));
    if (tried.length === 0) return { kind: 'malformed' };
    const [only] = tried;
    const matches =
      tried.length === 1
        ? [await this.match(account, only!, code, now)]
        : await Promise.all(tried.map((each) => this.match(account, each, code, now)));
    return { kind: 'totp', matches: matches.filter((match) => match !== null) };
  }

  /** Against the secret of an app that is being set up: its owner may know how far off the clock is. */
  async readSetup(account: AccountRef, { secretId, totp }: PendingSetup, code: string, now: number): Promise<Evidence> {
    if (!isWellFormed(code, totp)) return { kind: 'malformed' };
    const step = timeStepAt(now, totp);
    return this.reading(account, secretId, (secret) => {
      const timeStep = matchStep(secret, code, step, totp);
      if (timeStep !== null) return { kind: 'totp', matches: [{ authenticatorId: secretId, timeStep }] };
      const off = clockOffSeconds(secret, code, step, totp);
      return { kind: 'totp', matches: [], ...(off !== null && { clockOffSeconds: off }) };
    });
  }

  private match(account: AccountRef, { id, totp }: Authenticator, code: string, now: number): Promise<Match | null> {
    const step = timeStepAt(now, totp);
    return this.reading(account, id, (secret) => {
      const timeStep = matchStep(secret, code, step, totp);
      return timeStep === null ? null : { authenticatorId: id, timeStep };
    });
  }

  private async readBackupCode(account: AccountRef, { enrolment }: SecondFactor, typed: string): Promise<Evidence> {
    const backupCode = normalizeBackupCode(typed);
    if (backupCode === null) return { kind: 'malformed' };
    if (enrolment.status !== 'enabled') return { kind: 'backup-code', index: null };
    const { setId, count } = enrolment.backupCodes;
    // of an imported second factor nobody has made any yet
    if (count === 0) return { kind: 'backup-code', index: null };
    const index = await this.reading(account, setId, (hashes) =>
      findBackupCode(parseHashes(hashes), setId, backupCode),
    );
    return { kind: 'backup-code', index };
  }

  /** The entry is zeroed once it was looked at. */
  private async reading<Found>(
    { portal, accountId: account }: AccountRef,
    id: string,
    look: (entry: Buffer) => Found,
  ): Promise<Found> {
    const entry = await this.vault.get({ portal, account, id });
    if (!entry) throw new VaultDamaged('the vault lacks an entry that the log names');
    try {
      return look(entry);
    } finally {
      entry.fill(0);
    }
  }
}
