import { generateKeyPairSync, type JsonWebKey, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import type { StoredEntry } from '#libs/vault/src/entry.js';
import { SealedPayloads } from '../storage/sealed-payloads.js';

export const SIGNING_KEYS = 'openid-signing-keys';

interface StoredKey extends StoredEntry {
  /** Milliseconds. */
  readonly madeAt: number;
}
/** A private ES256 key as a JWK, with its id. */
export type SigningKey = JsonWebKey & { readonly kid: string; readonly alg: 'ES256'; readonly use: 'sig' };

/** What ID tokens are signed with: one set for the installation, sealed. The newest signs, all are published (RFC 7517). */
@Injectable()
export class SigningKeys {
  private readonly records: Records<StoredKey>;

  constructor(
    @Inject(ENGINE) engine: Pick<Engine, 'records'>,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly payloads: SealedPayloads,
  ) {
    this.records = engine.records(SIGNING_KEYS);
  }

  /** The newest first. The first one is made when it is asked for; of two instances that do so at once, one makes it. */
  async all(): Promise<SigningKey[]> {
    const stored = await this.records.list({});
    if (stored.length === 0) {
      await this.make('first');
      return this.all();
    }
    return stored
      .sort((a, b) => b.value.madeAt - a.value.madeAt)
      .map(({ key, value }) => {
        const place = placeOf(String(key[0]));
        const opened = this.payloads.open<SigningKey>(place, value);
        if (!opened) throw new Error('a signing key cannot be opened: the key that sealed it is not in VAULT_KEYS');
        return opened;
      });
  }

  /** Under the present key of the ring, so that those of before can be retired. */
  async reseal(): Promise<void> {
    for (const { key, value } of await this.records.list({})) {
      const place = placeOf(String(key[0]));
      const opened = this.payloads.isPresent(value) ? null : this.payloads.open<SigningKey>(place, value);
      if (opened)
        await this.records.replace(key, value, { madeAt: value.madeAt, ...this.payloads.seal(place, opened) });
    }
  }

  private async make(id: string): Promise<void> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'ES256', use: 'sig' };
    await this.records.create([id], { madeAt: this.clock(), ...this.payloads.seal(placeOf(id), jwk) });
  }
}

const placeOf = (id: string): string => `${SIGNING_KEYS}/${id}`;
