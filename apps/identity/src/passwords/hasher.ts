import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import { defaultLimits } from '../throttle/throttle.js';
import { FairQueue } from './fair-queue.js';
import { derive, deriveForNobody, type InnerHash } from './imported/inner-hash.js';
import type { ImportedHash } from './imported/parse-hash.js';
import { type Kinds, kindOf, restOf, withWork } from './imported/work.js';

/** What is kept of a password. */
export interface StoredHash {
  /** argon2id, PHC string: of the password; where there is an inner hash, of what that makes of it. */
  readonly hash: string;
  readonly inner?: InnerHash;
}

/** RFC 9106 argon2id; 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet). */
const options = { algorithm: 2 satisfies Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashing runs on libuv's pool of four threads; one stays free for the store and the disk. */
const AT_ONCE = Math.min(availableParallelism(), 3);
/** Beyond this many the wait is longer than a client has patience for. */
const MOST_WAITING = 256;
/** More than the throttle lets one address get wrong (R15): who may try is not refused for want of a place. */
const MOST_WAITING_OF_ONE = Math.ceil(1.25 * defaultLimits.perAddress);

/** argon2id, off the event loop, so many at once and no more. */
@Injectable()
export class PasswordHasher implements OnModuleInit {
  private readonly queue = new FairQueue(
    { atOnce: AT_ONCE, mostWaiting: MOST_WAITING, mostWaitingOfOne: MOST_WAITING_OF_ONE },
    () => new Problem('unavailable', 'Too many logins at the same time.', { retryAfter: 1 }),
  );
  private nobodys = '';

  async onModuleInit(): Promise<void> {
    this.nobodys = await hash(randomBytes(32), options);
  }

  /**
   * @param source whose turn it takes
   * @throws Problem `unavailable` when too many of that source wait, or too many in all
   */
  async hash(password: string, source: string): Promise<StoredHash> {
    return { hash: await this.queue.run(source, () => hash(normal(password), options)) };
  }

  /** The outcome of a hash of another system is kept as argon2id alone (R36). */
  async wrap({ inner, outcome }: ImportedHash, source: string): Promise<StoredHash> {
    return { hash: await this.queue.run(source, () => hash(textOf(outcome), options)), inner };
  }

  /**
   * Whether the password is that of the hash. Null, for nobody's password: no. In any case after all the work that the kinds
   * of the portal take, and an argon2id of ours (R15).
   */
  async verify(stored: StoredHash | null, password: string, source: string, kinds: Kinds = {}): Promise<boolean> {
    const right = await this.queue.run(source, async () => {
      const outcome = await deriveAll(stored?.inner, password, kinds);
      return verify(stored?.hash ?? this.nobodys, outcome ? textOf(outcome) : normal(password));
    });
    return right && stored !== null;
  }
}

/** The outcome of the inner hash; undefined where there is none. */
async function deriveAll(inner: InnerHash | undefined, password: string, kinds: Kinds): Promise<Buffer | undefined> {
  let outcome: Buffer | undefined;
  const all = inner ? withWork(kinds, inner.work) : kinds;
  for (const [kind, highest] of Object.entries(all)) {
    const own = inner && kindOf(inner.work) === kind ? inner : undefined;
    if (own) outcome = await derive(own, password);
    for (const work of restOf(highest, own?.work)) await deriveForNobody(work, password);
  }
  return outcome;
}

/** The library takes no bytes but those of a text. */
const textOf = (outcome: Buffer): string => outcome.toString('base64');

/** The same characters are the same password however a keyboard composes them (RFC 8265 §4.2.2). */
const normal = (password: string): string => password.normalize('NFC');
