import { lruOf } from '#libs/engine/src/lru.js';
import type { Client } from '#libs/contracts/src/context.js';
import { MAX_CHALLENGE } from '#libs/contracts/src/limits.js';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import { decrypt, encrypt } from '#libs/secrets/src/sealing.js';
import { type DerivedKeys, KeyRing, type RingKey } from '#libs/vault/src/keyring.js';

/** A challenge as it travels: the state between password and code, kept by nobody (R21). */
export interface SealedChallenge {
  readonly id: string;
  readonly portal: string;
  readonly account: string;
  readonly purpose: ChallengePurpose;
  /** The account's epoch when it was opened. */
  readonly epoch: number;
  /** Version of the last suspension or resumption of the account that was known then. */
  readonly suspension: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Where the user is, as the gateway told when it was opened (R46). */
  readonly client?: ToldClient | undefined;
}
export type ToldClient = Omit<Client, 'toldBy'>;

const LABEL = 'twinlock challenge 1';
/** Stands before what is sealed, and is sealed with it: another layout gets another number. */
const VERSION = Buffer.of(3);
/** Most are opened where they were sealed, and soon: decrypting one takes longer than all the rules. */
const REMEMBERED = 10_000;

/** Last, who opened it: a login with the epoch of its sessions, or a service of a portal. */
type Opener = [] | [sessionEpoch: number] | [serviceId: string, portal: string];
type Fields = readonly [string, string, string, number, number, number, ToldClient | null, ...Opener];

/** Seals challenges under a key of its own, derived from the present key of the ring; every key of the ring opens. */
export class ChallengeSealer {
  #keys: DerivedKeys;
  readonly #known = lruOf<SealedChallenge>(REMEMBERED);

  /** @throws KeyRingInvalid */
  constructor(keys: readonly RingKey[]) {
    this.#keys = new KeyRing(keys).derive(LABEL);
  }

  /** Takes another key ring at once. @throws KeyRingInvalid */
  useRing(keys: readonly RingKey[]): void {
    this.#known.clear();
    this.#keys = new KeyRing(keys).derive(LABEL);
  }

  /** At most `MAX_CHALLENGE` characters of base64url. */
  seal(challenge: SealedChallenge): string {
    const { id, portal, account, purpose, epoch, suspension, expiresAt, client = null } = challenge;
    const fields: Fields = [id, portal, account, epoch, suspension, expiresAt, client, ...openerOf(purpose)];
    const sealed = encrypt(this.#keys.present.key, Buffer.from(JSON.stringify(fields), 'utf8'), VERSION);
    const text = Buffer.concat([VERSION, sealed]).toString('base64url');
    this.#known.set(text, { ...challenge });
    return text;
  }

  /** Null for everything that this ring did not seal, and for a seal altered in any way. Does not look at the time. */
  open(text: string): SealedChallenge | null {
    if (text.length > MAX_CHALLENGE) return null;
    const known = this.#known.get(text);
    if (known) return known;
    const bytes = Buffer.from(text, 'base64url');
    // Buffer.from reads past what is not base64url, so that several texts would be one challenge
    if (bytes[0] !== VERSION[0] || bytes.toString('base64url') !== text) return null;
    const sealed = bytes.subarray(1);
    for (const key of this.#keys.byId.values()) {
      const opened = decrypt(key, sealed, VERSION);
      if (!opened) continue;
      const challenge = parse(opened.toString('utf8'));
      this.#known.set(text, challenge);
      return challenge;
    }
    return null;
  }
}

function parse(text: string): SealedChallenge {
  // sealed by `seal` under this version, so it has this shape
  const [id, portal, account, epoch, suspension, expiresAt, client, ...opener] = JSON.parse(text) as Fields;
  const purpose = purposeOf(opener);
  return { id, portal, account, purpose, epoch, suspension, expiresAt, ...(client && { client }) };
}

function openerOf(purpose: ChallengePurpose): Opener {
  if (purpose.kind === 'gateway') return [purpose.serviceId, purpose.portal];
  return purpose.sessionEpoch === undefined ? [] : [purpose.sessionEpoch];
}

function purposeOf(opener: Opener): ChallengePurpose {
  if (opener.length === 2) return { kind: 'gateway', serviceId: opener[0], portal: opener[1] };
  return opener.length === 1 ? { kind: 'login', sessionEpoch: opener[0] } : { kind: 'login' };
}
