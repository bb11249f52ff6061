import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Client, Context } from '#libs/contracts/src/context.js';
import type { SealedText } from '#libs/contracts/src/events/event.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { openClients, sealClient } from '#libs/vault/src/personal/sealed-client.js';
import type { AccountCommand } from '../accounts/decide-account.js';
import { Accounts } from '../registry/accounts.js';
import { type Proof, SessionStore } from './session-store.js';

/** What is done to one session, by its bearer; it is ended from elsewhere too (R44). */
export type SessionChange =
  | { readonly kind: 'log-out' }
  | { readonly kind: 'end' }
  | { readonly kind: 're-authentication'; readonly secondFactor: boolean; readonly proof: Proof };

export interface ChangedSession extends AccountRef {
  readonly sessionId: string;
  readonly tokenHash: string;
}

interface Note {
  readonly at: number;
  readonly sessionId: string;
  readonly tokenHash: string;
  readonly change: SessionChange;
  readonly context: Omit<Context, 'client'>;
  /** The context's client, sealed with the id of the change (R42). */
  readonly origin?: SealedText;
}

/** A change older than this was left by a crash or an outage. */
const UNFINISHED_AFTER_MS = 60_000;

/**
 * Changes a session, then records it: an event never says what did not happen. A note stands as long as this is under way,
 * so that a change which a crash left unrecorded gets its event.
 */
@Injectable()
export class SessionChanges {
  private readonly notes: Records<Note>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly sessions: SessionStore,
    private readonly accounts: Accounts,
    private readonly keys: PersonalKeys,
  ) {
    this.notes = engine.records('session-changes');
  }

  /** @throws Problem `session-ended` */
  async make(session: ChangedSession, change: SessionChange, context: Context): Promise<void> {
    if (!(await this.tryToMake(session, change, context))) throw new Problem('session-ended');
  }

  /** False: the session has ended already, and nothing is recorded. */
  async tryToMake(session: ChangedSession, change: SessionChange, context: Context): Promise<boolean> {
    const { portal, accountId, sessionId, tokenHash } = session;
    const changeId = randomUUID();
    const key: Key = [portal, accountId, changeId];
    const at = this.clock();
    const { client, ...rest } = context;
    const origin = await sealClient(this.keys, session, { at, id: changeId, context });
    const note = { at, sessionId, tokenHash, change, context: rest, ...(origin && { origin }) };
    await this.notes.put(key, note);
    if (!(await this.apply(tokenHash, changeId, change))) {
      await this.notes.delete(key);
      return false;
    }
    await this.record(session, changeId, note, client, true);
    await this.notes.delete(key);
    return true;
  }

  /** What a crash or an outage has left half done: recorded if it happened, forgotten if it did not. */
  async finishAll(): Promise<void> {
    const before = this.clock() - UNFINISHED_AFTER_MS;
    for (const { key, value: note } of await this.notes.list({})) {
      if (note.at >= before) continue;
      const [portal, accountId, changeId] = key.map(String) as [string, string, string];
      const session = await this.sessions.find(note.tokenHash);
      if (session?.lastChange === changeId) {
        const [client] = await openClients(this.keys, portal, [{ id: changeId, origin: note.origin }]);
        await this.record({ portal, accountId }, changeId, note, client, false);
      }
      await this.notes.delete(key);
    }
  }

  /** Of an account that was deleted. */
  async forgetAll({ portal, accountId }: AccountRef): Promise<void> {
    for (const { key } of await this.notes.list({ prefix: [portal, accountId] })) await this.notes.delete(key);
  }

  private apply(tokenHash: string, changeId: string, change: SessionChange): Promise<boolean> {
    switch (change.kind) {
      case 'log-out':
      case 'end':
        return this.sessions.end(tokenHash, changeId);
      case 're-authentication':
        return this.sessions.prove(tokenHash, change.proof, changeId);
      default:
        return change satisfies never;
    }
  }

  /** Once, however often it is tried: the change is the command of its commit. */
  private async record(
    account: AccountRef,
    changeId: string,
    note: Note,
    client: Client | undefined,
    first: boolean,
  ): Promise<void> {
    const command = { id: changeId, digest: note.change.kind, ...(first && { first }) };
    await this.accounts.execute(account, { ...note.context, ...(client && { client }), command }, commandOf(note));
  }
}

function commandOf({ sessionId, change }: Note): AccountCommand {
  switch (change.kind) {
    case 'log-out':
      return { type: 'RecordLogout', sessionId };
    case 'end':
      return { type: 'RecordSessionEnd', sessionId };
    case 're-authentication':
      return { type: 'RecordReAuthentication', sessionId, secondFactor: change.secondFactor };
    default:
      return change satisfies never;
  }
}
