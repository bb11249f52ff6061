import { generateKeyPairSync, type JsonWebKey, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { systemContext } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { RecentAnswers } from '#libs/platform/src/auth/recent-answers.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import type { StoredEntry } from '#libs/vault/src/entry.js';
import { SealedPayloads } from '../storage/sealed-payloads.js';
import { type KeyState, type KeyTimes, PUBLISHED_BEFORE_MS, type StatedKey, statesOf } from './key-states.js';

export const SIGNING_KEYS = 'openid-signing-keys';

interface StoredKey extends StoredEntry, Omit<KeyTimes, 'number'> {
  /** Milliseconds. */
  readonly madeAt: number;
}
/** A private ES256 key as a JWK, with its id. */
export type SigningKey = JsonWebKey & { readonly kid: string; readonly alg: 'ES256'; readonly use: 'sig' };
/** One that is published. */
export interface PublishedKey extends Pick<StoredKey, 'madeAt' | 'signsFrom'> {
  readonly number: number;
  readonly jwk: SigningKey;
  readonly state: Exclude<KeyState, 'over'>;
  readonly publishedUntil?: number;
}

/**
 * What ID tokens are signed with: one set for the installation, sealed. One signs, and it is published with the next one and
 * those of before (RFC 7517); upkeep deletes what is over.
 */
@Injectable()
export class SigningKeys {
  private readonly records: Records<StoredKey>;
  private readonly recent: RecentAnswers<SigningKey[]>;

  constructor(
    @Inject(ENGINE) engine: Pick<Engine, 'records'>,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly payloads: SealedPayloads,
  ) {
    this.records = engine.records(SIGNING_KEYS);
    this.recent = new RecentAnswers(async () => {
      const keys = await this.all();
      return [...keys.filter(isSigning), ...keys.filter((key) => !isSigning(key))].map(({ jwk }) => jwk);
    });
  }

  /** Those that are published, a second ago at most: first the one that signs. */
  published(): Promise<readonly SigningKey[]> {
    return this.recent.of('', systemContext());
  }

  /**
   * All that are published, the newest first. The first one is made when it is asked for; of two instances that do so at once,
   * one makes it.
   */
  async all(): Promise<PublishedKey[]> {
    const stated = await this.stated();
    if (stated.length === 0) {
      await this.make(1, { signsFrom: this.clock() });
      return this.all();
    }
    return stated.flatMap(({ key: { number, madeAt, signsFrom, ...sealed }, state, publishedUntil }) => {
      if (state === 'over') return [];
      const jwk = this.payloads.open<SigningKey>(placeOf(number), sealed);
      if (!jwk) throw new Error('a signing key cannot be opened: the key that sealed it is not in VAULT_KEYS');
      return [{ number, jwk, state, madeAt, signsFrom, ...(publishedUntil !== undefined && { publishedUntil }) }];
    });
  }

  /**
   * Makes a key that is published now and signs in a day; `atOnce`: one that signs now, while those of before are not published
   * any more.
   * @throws Problem `rotation-under-way` there is one that does not sign yet, also if another has just made it
   */
  async rotate({ atOnce }: { readonly atOnce: boolean }): Promise<void> {
    for (;;) {
      // none is opened: one that cannot be is replaced so
      const [newest] = await this.stated();
      const signsFrom = this.clock() + (atOnce ? 0 : PUBLISHED_BEFORE_MS);
      // one that lies further ahead was made while the clock was
      if (!atOnce && newest?.state === 'next' && newest.key.signsFrom <= signsFrom)
        throw underWay(newest.key.signsFrom);
      const number = (newest?.key.number ?? 0) + 1;
      const first = newest === undefined && { signsFrom: this.clock() };
      if (await this.make(number, { signsFrom, ...(atOnce && { revokesOlder: true }), ...first })) return;
    }
  }

  /** Under the present key of the ring, so that those of before can be retired. */
  async reseal(): Promise<void> {
    for (const { key, value } of await this.records.list({})) {
      const place = placeOf(numberOf(key));
      const opened = this.payloads.isPresent(value) ? null : this.payloads.open<SigningKey>(place, value);
      if (opened) await this.records.replace(key, value, { ...value, ...this.payloads.seal(place, opened) });
    }
  }

  /** Deletes those that are over. */
  async sweep(): Promise<void> {
    for (const { key, state } of await this.stated())
      if (state === 'over') await this.records.delete([String(key.number)]);
  }

  private async stated(): Promise<StatedKey<StoredKey & KeyTimes>[]> {
    const stored = await this.records.list({});
    return statesOf(
      stored.map(({ key, value }) => ({ ...value, number: numberOf(key) })),
      this.clock(),
    );
  }

  /** False: another instance has made the key of that number. */
  private make(number: number, times: Pick<StoredKey, 'signsFrom' | 'revokesOlder'>): Promise<boolean> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'ES256', use: 'sig' };
    const sealed = this.payloads.seal(placeOf(number), jwk);
    return this.records.create([String(number)], { madeAt: this.clock(), ...times, ...sealed });
  }
}

const isSigning = ({ state }: PublishedKey): boolean => state === 'signing';
const numberOf = ([number]: readonly (string | number)[]): number => Number(number);
const placeOf = (number: number): string => `${SIGNING_KEYS}/${number}`;
const underWay = (signsFrom: number) =>
  new Problem(
    'rotation-under-way',
    `The new key signs from ${new Date(signsFrom).toISOString()} on. Only then can it be replaced, unless a key has leaked.`,
  );
