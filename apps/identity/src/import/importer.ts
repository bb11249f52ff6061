import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import { importRefusal, type ImportResult } from '#libs/contracts/src/http/import.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { StoreUnavailable } from '#libs/engine/src/port.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { Registrations } from '../manage-accounts/registrations.js';
import { hasRoom, MOST_KINDS, PasswordKinds } from '../passwords/imported/password-kinds.js';
import { type Kinds, withWork } from '../passwords/imported/work.js';
import type { KnownAccount } from '../registry/accounts.js';
import { ExternalIds } from '../registry/external-ids.js';
import { Usernames } from '../registry/usernames.js';
import type { ImportedTotp, ParsedLine } from './parse-line.js';

export type Outcome = Omit<ImportResult, 'line'>;

/** Imports one account, all of it or nothing (R36). */
@Injectable()
export class Importer {
  constructor(
    private readonly usernames: Usernames,
    private readonly externalIds: ExternalIds,
    private readonly registrations: Registrations,
    private readonly kinds: PasswordKinds,
    private readonly requests: Requests,
    private readonly effects: Effects,
  ) {}

  async import(portal: string, line: ParsedLine, context: Context): Promise<Outcome> {
    const before = await this.existing(portal, line);
    if (before) return before;
    try {
      return await this.make(portal, line, context);
    } catch (error) {
      // another call was first
      const made = isTaken(error) && (await this.existing(portal, line));
      if (made) return made;
      throw error;
    }
  }

  /** The account of that external id or that name; null: there is none. */
  async existing(portal: string, { account: { externalId, username } }: ParsedLine): Promise<Outcome | null> {
    const [byExternalId, byName] = await Promise.all([
      externalId === undefined ? null : this.externalIds.find(portal, externalId),
      this.usernames.find(portal, username),
    ]);
    const found: KnownAccount | null = byExternalId ?? byName;
    return found && { outcome: 'exists', id: found.accountId };
  }

  /** What is looked at in a dry run: whether a line that is well formed, of an account that there is not, would be taken. */
  wouldTake(portal: string): (line: ParsedLine) => Promise<Outcome> {
    let others: Kinds = {};
    return async ({ password }) => {
      if (!password) return { outcome: 'created' };
      const present = await this.kinds.of(portal);
      const all = Object.values(withWork(others, password.inner.work)).reduce(withWork, present);
      if (!hasRoom(all)) return tooManyKinds;
      others = all;
      return { outcome: 'created' };
    };
  }

  private async make(portal: string, line: ParsedLine, context: Context): Promise<Outcome> {
    const { account, password, totp } = line;
    // before its hash is stored: who is being made is answered no sooner than who is there
    if (password && !(await this.kinds.add(portal, password.inner.work))) return tooManyKinds;
    const importId = totp.length > 0 ? randomUUID() : undefined;
    const { ref, recorded } = await this.registrations.registerNew(
      portal,
      { ...account, password, importId },
      context,
      async (ref) => {
        if (importId !== undefined) await this.bring(ref, importId, totp, context);
      },
    );
    await this.effects.reached(['two-factor'], recorded, context);
    return { outcome: 'created', id: ref.accountId };
  }

  private async bring(
    ref: AccountRef,
    importId: string,
    totp: readonly ImportedTotp[],
    context: Context,
  ): Promise<void> {
    const authenticators = totp.map(({ secret, ...rest }) => ({ secret: secret.toString('base64url'), ...rest }));
    const { portal, accountId } = ref;
    await this.requests.send(
      twoFactorRequests.importSecondFactor,
      { portal, accountId, importId, authenticators },
      context,
    );
  }
}

const tooManyKinds: Outcome = {
  outcome: 'refused',
  field: 'passwordHash',
  code: 'hash-kinds-limit',
  message: `The portal has ${MOST_KINDS} kinds of imported hashes already.`,
};

const isTaken = (error: unknown): boolean =>
  error instanceof Problem && (error.code === 'username-taken' || error.code === 'external-id-taken');

/** What is told of a line that failed. @throws what is no answer, but a fault of this program */
export function refusalOf(error: unknown): Outcome {
  const code = error instanceof StoreUnavailable ? 'unavailable' : error instanceof Problem ? error.code : undefined;
  // another call has made the account, and it is deleted already: its name is free
  if (code === 'not-yet-effective' || code === 'account-deleted') return { outcome: 'refused', code: 'unavailable' };
  const known = importRefusal.safeParse(code);
  if (!known.success) throw error;
  return { outcome: 'refused', code: known.data };
}
