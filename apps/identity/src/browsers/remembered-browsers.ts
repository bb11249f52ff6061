import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { actingAsUser, type Client, type Context } from '#libs/contracts/src/context.js';
import type { SealedText } from '#libs/contracts/src/events/event.js';
import { rememberDays } from '#libs/contracts/src/limits.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { updateRecord } from '#libs/engine/src/records.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { openClients, sealClient } from '#libs/vault/src/personal/sealed-client.js';
import type { Forgotten } from '../accounts/decide-account.js';
import { Accounts } from '../registry/accounts.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';
import { firstToken, isGood, type LiveTokens, useToken } from './browser-tokens.js';
import { RememberDays } from './remember-days.js';

const COLLECTION = 'remembered-browsers';
const DAY_MS = 86_400_000;

interface StoredBrowser {
  /** Milliseconds. */
  readonly rememberedAt: number;
  readonly lastUsedAt: number;
  /** Of the second factor when its code had passed. */
  readonly epoch: number;
  readonly tokens: LiveTokens;
  /** Where its last login came from, sealed with its id (R42). */
  readonly origin?: SealedText;
}

/** A browser whose token is good, as far as this app knows. */
export interface KnownBrowser {
  readonly account: AccountRef;
  readonly browserId: string;
  readonly token: string;
  readonly epoch: number;
}
/** Told once. */
export interface BrowserToken {
  readonly browserId: string;
  readonly token: string;
  /** Milliseconds. */
  readonly endsAt: number;
}
export interface ListedBrowser {
  readonly browserId: string;
  readonly rememberedAt: number;
  readonly lastUsedAt: number;
  readonly endsAt: number;
  readonly client: Client | undefined;
}

/**
 * The tokens of remembered browsers, at most as hashes. Which browsers of an account are remembered its log says; what is left
 * here of others is good for nothing.
 */
@Injectable()
export class RememberedBrowsers {
  private readonly records: Records<StoredBrowser>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly days: RememberDays,
    private readonly accounts: Accounts,
    private readonly keys: PersonalKeys,
    private readonly expiries: Expiries,
    private readonly metrics: Metrics,
  ) {
    this.records = engine.records(COLLECTION);
  }

  /**
   * Whether the token is that of a remembered browser of this account, whose password was right. One that was replaced long
   * before may be a copy: it ends the browser. Null: it is none, or not good.
   */
  async recognise(account: AccountRef, token: string, context: Context): Promise<KnownBrowser | null> {
    const browserId = browserIdOf(token);
    const stored = browserId === null ? undefined : await this.find(account, browserId);
    if (browserId === null || !stored || (await this.endOf(account, stored)) === null) return null;
    if (!isGood(stored.tokens, tokenHash(token), this.clock())) {
      this.metrics.rememberedBrowsers.inc({ outcome: 'token-reused' });
      await this.forget(account, [browserId], 'token-reused', actingAsUser(context, account.accountId));
      return null;
    }
    const { epoch } = stored;
    return { account, browserId, token, epoch };
  }

  /** The next token. Null: it has been forgotten, or its token used up, in the meantime. */
  async use({ account, browserId, token }: KnownBrowser, context: Context): Promise<BrowserToken | null> {
    const now = this.clock();
    const next = tokenOf(browserId);
    const origin = await this.originOf(account, browserId, context);
    const used = await updateRecord(this.records, keyOf(account, browserId), (present) => {
      const tokens = present && useToken(present.tokens, tokenHash(token), tokenHash(next), now);
      if (!tokens) return undefined;
      const { rememberedAt, epoch } = present;
      return { rememberedAt, epoch, lastUsedAt: now, tokens, ...origin };
    });
    const endsAt = used ? await this.endOf(account, used) : null;
    if (endsAt !== null) this.metrics.rememberedBrowsers.inc({ outcome: 'used' });
    return endsAt === null ? null : { browserId, token: next, endsAt };
  }

  /** Stores a new one; it is remembered when the account's log says so. Null: the portal remembers none. */
  async prepare(account: AccountRef, epoch: number, context: Context): Promise<BrowserToken | null> {
    const now = this.clock();
    const endsAt = await this.days.endOf(account.portal, now, now);
    if (endsAt === null) return null;
    const browserId = randomUUID();
    const token = tokenOf(browserId);
    const key = keyOf(account, browserId);
    const origin = await this.originOf(account, browserId, context);
    await this.expiries.add(now + rememberDays.most * DAY_MS, { collection: COLLECTION, key });
    const tokens = firstToken(tokenHash(token));
    await this.records.put(key, { rememberedAt: now, lastUsedAt: now, epoch, tokens, ...origin });
    this.metrics.rememberedBrowsers.inc({ outcome: 'remembered' });
    return { browserId, token, endsAt };
  }

  /** The last used first. */
  async list(account: AccountRef): Promise<ListedBrowser[]> {
    const stored = (await this.stored(account)).sort((a, b) => b.lastUsedAt - a.lastUsedAt);
    const sealed = stored.map(({ browserId: id, origin }) => ({ id, origin }));
    const clients = await openClients(this.keys, account.portal, sealed);
    const ends = await Promise.all(stored.map((one) => this.endOf(account, one)));
    return stored.flatMap(({ browserId, rememberedAt, lastUsedAt }, at) => {
      const endsAt = ends[at] ?? null;
      return endsAt === null ? [] : [{ browserId, rememberedAt, lastUsedAt, endsAt, client: clients[at] }];
    });
  }

  /** The account's log has them forgotten, and then their tokens go. Those that are not remembered are passed over. */
  async forget(account: AccountRef, browserIds: readonly string[], reason: Forgotten, context: Context): Promise<void> {
    if (browserIds.length === 0) return;
    await this.accounts.execute(account, context, { type: 'ForgetBrowsers', browserIds, reason });
    await this.drop(account, browserIds);
  }

  /** Those that were remembered by then, milliseconds. */
  async forgetOlder(account: AccountRef, until: number, reason: Forgotten, context: Context): Promise<void> {
    const older = (await this.stored(account)).filter(({ rememberedAt }) => rememberedAt <= until);
    const ids = older.map(({ browserId }) => browserId);
    await this.forget(account, ids, reason, context);
  }

  /** Of what its log does not have remembered, or of a deleted account. */
  async drop(account: AccountRef, browserIds?: readonly string[]): Promise<void> {
    const ids = browserIds ?? (await this.idsOf(account));
    await this.records.write(ids.map((id) => ({ delete: keyOf(account, id) })));
  }

  private async find(account: AccountRef, browserId: string): Promise<StoredBrowser | undefined> {
    const { browsers } = await this.accounts.state(account);
    return browsers.includes(browserId) ? this.records.get(keyOf(account, browserId)) : undefined;
  }

  private async stored(account: AccountRef): Promise<(StoredBrowser & { readonly browserId: string })[]> {
    const { browsers } = await this.accounts.state(account);
    const found = await Promise.all(browsers.map((id) => this.records.get(keyOf(account, id))));
    return browsers.flatMap((browserId, at) => {
      const one = found[at];
      return one ? [{ browserId, ...one }] : [];
    });
  }

  private async idsOf({ portal, accountId }: AccountRef): Promise<string[]> {
    return (await this.records.list({ prefix: [portal, accountId] })).map(({ key }) => String(key[2]));
  }

  private endOf({ portal }: AccountRef, { rememberedAt }: StoredBrowser): Promise<number | null> {
    return this.days.endOf(portal, rememberedAt, this.clock());
  }

  private async originOf(account: AccountRef, id: string, context: Context): Promise<{ origin?: SealedText }> {
    const by = actingAsUser(context, account.accountId);
    const origin = await sealClient(this.keys, account, { at: this.clock(), id, context: by });
    return origin ? { origin } : {};
  }
}

const keyOf = ({ portal, accountId }: AccountRef, browserId: string): Key => [portal, accountId, browserId];

/** With the browser's id, so that one that was replaced is known as its. */
const tokenOf = (browserId: string): string => newToken(`brw_${browserId}_`);
const browserIdOf = (token: string): string | null =>
  /^brw_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_[\w-]{43}$/.exec(token)?.[1] ?? null;
