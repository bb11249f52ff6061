import { Inject, Injectable } from '@nestjs/common';
import { HAND_OVER_LASTS_MS } from '#libs/contracts/src/limits.js';
import type { HandOverPurpose } from '#libs/contracts/src/primitives.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import type { StoredEntry } from '#libs/vault/src/entry.js';
import { idHash, SealedPayloads } from '../storage/sealed-payloads.js';
import type { HandOverRequest } from './hand-over-request.js';

const HAND_OVERS = 'openid-hand-overs';

/** A person who was handed over, in the one browser that opened the link. */
export interface HandOver
  extends
    AccountRef,
    Pick<HandOverRequest, 'clientId' | 'redirectUri' | 'state' | 'nonce' | 'codeChallenge' | 'locales'> {
  readonly purpose: HandOverPurpose;
  /** Identity's session. */
  readonly sessionId: string;
  /** Of its token, which the browser has in a cookie. */
  readonly tokenHash: string;
}

interface Stored extends StoredEntry {
  readonly expiresAt: number;
  /** The gateway has been answered. */
  readonly answered?: true;
}

/** By the hash of their id, sealed: they name people (R42). */
@Injectable()
export class HandOverRecords {
  private readonly records: Records<Stored>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly payloads: SealedPayloads,
    private readonly expiries: Expiries,
  ) {
    this.records = engine.records(HAND_OVERS);
  }

  async add(uid: string, handOver: HandOver): Promise<void> {
    const key = keyOf(handOver.portal, uid);
    const expiresAt = this.clock() + HAND_OVER_LASTS_MS;
    await this.expiries.add(expiresAt, { collection: HAND_OVERS, key });
    await this.records.put(key, { ...this.payloads.seal(placeOf(key), handOver), expiresAt });
  }

  /** `isAnswered`: also one whose gateway has been answered. */
  async find(portal: string, uid: string, { isAnswered = false } = {}): Promise<HandOver | null> {
    const key = keyOf(portal, uid);
    const stored = await this.records.get(key);
    if (!stored || stored.expiresAt <= this.clock() || (stored.answered ?? false) !== isAnswered) return null;
    return this.payloads.open<HandOver>(placeOf(key), stored);
  }

  /** True once: of two answers at the same moment one is given. */
  async answer(portal: string, uid: string): Promise<boolean> {
    const key = keyOf(portal, uid);
    const stored = await this.records.get(key);
    if (!stored || stored.answered) return false;
    return this.records.replace(key, stored, { ...stored, answered: true });
  }
}

const keyOf = (portal: string, uid: string): Key => [portal, idHash(uid)];
const placeOf = (key: Key): string => `${HAND_OVERS}/${key.join('/')}`;
