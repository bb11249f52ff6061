import { Inject, Injectable } from '@nestjs/common';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { allRecords } from '#libs/engine/src/records.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { type Expiring, Expiries } from '#libs/platform/src/running/expiries.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import type { StoredEntry } from '#libs/vault/src/entry.js';
import type { Library } from '../provider/library.js';
import { idHash, SealedPayloads } from './sealed-payloads.js';

const MODELS = 'openid-models';
const BY_GRANT = 'openid-by-grant';
const BY_UID = 'openid-sessions-by-uid';
const PAGE = 200;
/** What is used once: of two at once, one. */
const onlyOnce: ReadonlySet<string> = new Set(['ReplayDetection']);
/** What no portal gives, and introspection looks for all the same. */
const never: ReadonlySet<string> = new Set(['ClientCredentials']);

interface Stored extends StoredEntry {
  /** Milliseconds, by the clock of the product; the library goes by the system's. */
  readonly storedAt: number;
  /** Milliseconds; it is deleted some time later. */
  readonly expiresAt: number;
  /** Seconds since 1970, as the library has it. */
  readonly consumedAt?: number;
}

interface Index {
  readonly at: Expiring;
  put(): Promise<void>;
}

/**
 * What oidc-provider keeps between requests: sessions, codes, tokens, grants, interactions. By the hash of its id, sealed, and of
 * one portal, so that nothing of one is found in another.
 */
@Injectable()
export class StoredModels {
  private readonly models: Records<Stored>;
  private readonly byGrant: Records<true>;
  private readonly byUid: Records<{ readonly id: string }>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly payloads: SealedPayloads,
    private readonly expiries: Expiries,
  ) {
    this.models = engine.records(MODELS);
    this.byGrant = engine.records(BY_GRANT);
    this.byUid = engine.records(BY_UID);
  }

  adapterOf(portal: string, model: string, { errors }: Pick<Library, 'errors'>): Adapter {
    const keyOf = (id: string): Key => [portal, model, idHash(id)];
    const opened = (key: Key, stored: Stored | undefined): AdapterPayload | undefined => {
      if (!stored || stored.expiresAt <= this.clock()) return undefined;
      const payload = this.payloads.open<AdapterPayload>(placeOf(key), stored);
      if (!payload) return undefined;
      return stored.consumedAt === undefined ? payload : { ...payload, consumed: stored.consumedAt };
    };
    const revoke = async (grantId: string) => {
      await this.models.delete([portal, 'Grant', idHash(grantId)]);
      const prefix: Key = [portal, idHash(grantId)];
      for await (const { key } of allRecords(this.byGrant, { page: PAGE, prefix })) {
        await this.models.delete([portal, key[2]!, key[3]!]);
        await this.byGrant.delete(key);
      }
    };
    const find = async (id: string) => {
      if (never.has(model)) return undefined;
      return opened(keyOf(id), await this.models.get(keyOf(id)));
    };
    return {
      find,
      upsert: async (id, payload, expiresIn) => {
        const key = keyOf(id);
        const expiresAt = this.clock() + (expiresIn ?? 0) * 1_000;
        const stored = { ...this.payloads.seal(placeOf(key), payload), storedAt: this.clock(), expiresAt };
        const index = this.indexOf(portal, model, payload, key);
        const own = { collection: MODELS, key };
        const expire = () => this.expiries.add(expiresAt, own, ...(index ? [index.at] : []));
        // first: what is stored after it is swept, also after a crash
        await expire();
        if (onlyOnce.has(model)) {
          if (!(await this.models.create(key, stored))) throw new errors.InvalidClientAuth('it was used before');
          return;
        }
        // at once, since each is waited for until it is durable
        await Promise.all([index?.put(), this.models.put(key, stored)]);
      },
      consume: async (id) => {
        const key = keyOf(id);
        const stored = await this.models.get(key);
        if (!stored) throw new errors.InvalidGrant('it has been revoked');
        const consumed = { ...stored, consumedAt: Math.floor(this.clock() / 1_000) };
        const isFirst = stored.consumedAt === undefined && (await this.models.replace(key, stored, consumed));
        if (isFirst) return;
        // of two at the same moment one is a thief, and nobody knows which (RFC 6749 §4.1.2, RFC 9700 §4.14.2)
        const { grantId } = opened(key, stored) ?? {};
        if (grantId !== undefined) await revoke(grantId);
        throw new errors.InvalidGrant('it was used before');
      },
      destroy: async (id) => void (await this.models.delete(keyOf(id))),
      findByUid: async (uid) => {
        const found = await this.byUid.get([portal, idHash(uid)]);
        const key: Key = [portal, model, found?.id ?? ''];
        return found && opened(key, await this.models.get(key));
      },
      // there are no devices
      findByUserCode: async () => undefined,
      revokeByGrantId: revoke,
    };
  }

  /** When it was stored, milliseconds. */
  async storedAt(portal: string, model: string, id: string): Promise<number> {
    return (await this.models.get([portal, model, idHash(id)]))?.storedAt ?? Infinity;
  }

  /** What else it is found by. */
  private indexOf(portal: string, model: string, { grantId, uid }: AdapterPayload, of: Key): Index | undefined {
    if (grantId !== undefined) {
      const key: Key = [portal, idHash(grantId), model, String(of[2])];
      return { at: { collection: BY_GRANT, key }, put: () => this.byGrant.put(key, true) };
    }
    if (uid === undefined || model !== 'Session') return undefined;
    const key: Key = [portal, idHash(uid)];
    return { at: { collection: BY_UID, key }, put: () => this.byUid.put(key, { id: String(of[2]) }) };
  }
}

const placeOf = (key: Key): string => key.join('/');
