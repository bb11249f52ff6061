import { Inject, Injectable } from '@nestjs/common';
import { findBackupCode, normalizeBackupCode, parseHashes } from '#libs/secrets/src/backup-codes.js';
import { clockOffSeconds, matchStep, timeStepAt } from '#libs/totp/src/totp.js';
import { type Vault, VaultDamaged } from '#libs/vault/src/port.js';
import type { Evidence } from '../second-factor/attempts.js';
import type { SecondFactor } from '../second-factor/state.js';
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

  async read(account: AccountRef, { enrolment }: SecondFactor, typed: TypedCode, now: number): Promise<Evidence> {
    if (typed.code === undefined && typed.backupCode === undefined) return { kind: 'none' };
    if (typed.code !== undefined) {
      if (!/^[0-9]{6}$/.test(typed.code)) return { kind: 'malformed' };
      if (enrolment.status === 'none') return { kind: 'totp', matchedStep: null };
      const { code } = typed;
      const step = timeStepAt(now);
      return this.reading(account, enrolment.secretId, (secret) => {
        const matchedStep = matchStep(secret, code, step);
        // a pending secret is its owner's to know; of an enabled one this would help whoever guesses
        const asked = matchedStep === null && enrolment.status === 'pending';
        const off = asked ? clockOffSeconds(secret, code, step) : null;
        return { kind: 'totp', matchedStep, ...(off !== null && { clockOffSeconds: off }) };
      });
    }
    const backupCode = normalizeBackupCode(typed.backupCode ?? '');
    if (backupCode === null) return { kind: 'malformed' };
    if (enrolment.status !== 'enabled') return { kind: 'backup-code', index: null };
    const { setId } = enrolment.backupCodes;
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
