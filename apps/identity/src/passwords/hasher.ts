import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import { defaultLimits } from '../throttle/throttle.js';
import { FairQueue } from './fair-queue.js';

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
   * PHC string.
   * @param source whose turn it takes
   * @throws Problem `unavailable` when too many of that source wait, or too many in all
   */
  hash(password: string, source: string): Promise<string> {
    return this.queue.run(source, () => hash(normal(password), options));
  }

  /** Whether the password is that of the hash. Null, for nobody's password: no, after the same work (R15). */
  async verify(hashed: string | null, password: string, source: string): Promise<boolean> {
    const right = await this.queue.run(source, () => verify(hashed ?? this.nobodys, normal(password)));
    return right && hashed !== null;
  }
}

/** The same characters are the same password however a keyboard composes them (RFC 8265 §4.2.2). */
const normal = (password: string): string => password.normalize('NFC');
