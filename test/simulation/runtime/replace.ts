import { EventEmitter } from 'node:events';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Random } from '#test/support/random.js';
import type { Scheduler, Task } from './scheduler.js';

const require = createRequire(import.meta.url);

/**
 * Puts simulated time and seeded chance in the place of the machine's, for all that is imported after it: timers, `Date`,
 * `performance`, `process.hrtime`, `Math.random` and the random numbers of `node:crypto`. What finishes on another thread is
 * waited for when its turn has come, so that its turn is the scheduler's choice too.
 */
export function replaceTheMachine(scheduler: () => Scheduler): void {
  replaceTimers(scheduler);
  replaceClocks(scheduler);
  replaceChance(
    () => scheduler().random,
    () => scheduler().noise,
  );
  replaceThreads(scheduler);
  replaceOutside(scheduler);
  syncBuiltinESMExports();
}

/** What `setTimeout` answers with. */
class Timer {
  #task: Task;
  constructor(
    private readonly begin: () => Task,
    private readonly onClear?: () => void,
  ) {
    this.#task = begin();
  }
  refresh(): this {
    this.#task.cancelled = true;
    this.#task = this.begin();
    return this;
  }
  clear(): void {
    this.#task.cancelled = true;
    this.onClear?.();
  }
  again(): void {
    this.#task = this.begin();
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
  close(): this {
    this.clear();
    return this;
  }
  [Symbol.dispose](): void {
    this.clear();
  }
}

type Callback = (...args: unknown[]) => void;
const atLeast = (ms: unknown): number => (typeof ms === 'number' && ms >= 1 && ms <= 2 ** 31 - 1 ? ms : 1);

function replaceTimers(scheduler: () => Scheduler): void {
  const setTimeout = (run: Callback, ms?: number, ...args: unknown[]) =>
    new Timer(() => scheduler().after(atLeast(ms), () => run(...args)));
  const setImmediate = (run: Callback, ...args: unknown[]) => new Timer(() => scheduler().after(0, () => run(...args)));
  const setInterval = (run: Callback, ms?: number, ...args: unknown[]) => {
    let cleared = false;
    const timer: Timer = new Timer(
      () =>
        scheduler().after(atLeast(ms), () => {
          run(...args);
          if (!cleared) timer.again();
        }),
      () => (cleared = true),
    );
    return timer;
  };
  const clear = (timer?: unknown): void => {
    if (timer instanceof Timer) timer.clear();
  };
  const timers = {
    setTimeout,
    setInterval,
    setImmediate,
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
  Object.assign(globalThis, timers);
  Object.assign(require('node:timers') as object, timers);

  interface Waiting {
    readonly signal?: AbortSignal;
  }
  const wait = <Value>(ms: number, value: Value, { signal }: Waiting = {}) =>
    new Promise<Value>((resolve, reject) => {
      if (signal?.aborted) return reject(abortError(signal));
      const task = scheduler().after(ms, () => {
        signal?.removeEventListener('abort', aborted);
        resolve(value);
      });
      const aborted = () => {
        task.cancelled = true;
        reject(abortError(signal!));
      };
      signal?.addEventListener('abort', aborted, { once: true });
    });
  Object.assign(require('node:timers/promises') as object, {
    setTimeout: (ms?: number, value?: unknown, options?: Waiting) => wait(atLeast(ms), value, options),
    setImmediate: (value?: unknown, options?: Waiting) => wait(0, value, options),
  });
  AbortSignal.timeout = (ms: number) => {
    const controller = new AbortController();
    setTimeout(
      () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      ms,
    );
    return controller.signal;
  };
}

const abortError = ({ reason }: AbortSignal): Error =>
  Object.assign(new Error('The operation was aborted', { cause: reason }), { name: 'AbortError', code: 'ABORT_ERR' });

function replaceClocks(scheduler: () => Scheduler): void {
  const now = () => scheduler().now;
  const RealDate = Date;
  class SimulatedDate extends RealDate {
    constructor(...args: [] | ConstructorParameters<typeof Date>) {
      if (args.length === 0) super(Math.floor(now()));
      else super(...args);
    }
    static override now(): number {
      return Math.floor(now());
    }
  }
  globalThis.Date = SimulatedDate as DateConstructor;
  const startedAt = now();
  performance.now = () => now() - startedAt;
  const hrtime = (before: [number, number] = [0, 0]): [number, number] => {
    const ns = Math.round((now() - startedAt) * 1e6) - before[0] * 1e9 - before[1];
    return [Math.floor(ns / 1e9), ns % 1e9];
  };
  process.hrtime = Object.assign(hrtime, { bigint: () => BigInt(Math.round((now() - startedAt) * 1e6)) });
}

function replaceChance(random: () => Random, noise: () => Random): void {
  // frameworks name their parts by it, out of a store that an earlier run has left
  Math.random = () => noise().fraction();
  const crypto = require('node:crypto') as typeof import('node:crypto');
  const bytes = (size: number): Buffer => {
    const made = Buffer.alloc(size);
    random().fill(made);
    return made;
  };
  const uuid = (): `${string}-${string}-${string}-${string}-${string}` => {
    const made = bytes(16);
    made[6] = (made[6]! & 0x0f) | 0x40;
    made[8] = (made[8]! & 0x3f) | 0x80;
    const hex = made.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
  const fill = <Filled extends NodeJS.ArrayBufferView>(filled: Filled): Filled => {
    noise().fill(new Uint8Array(filled.buffer, filled.byteOffset, filled.byteLength));
    return filled;
  };
  Object.assign(crypto, {
    randomBytes: bytes,
    randomFillSync: fill,
    randomUUID: uuid,
    randomInt: (one: number, end?: number) =>
      end === undefined ? random().below(one) : one + random().below(end - one),
  });
  Object.assign(crypto.webcrypto, { getRandomValues: fill, randomUUID: uuid });
}

/** WebCrypto works on threads of its own. */
function replaceThreads(scheduler: () => Scheduler): void {
  const { subtle } = globalThis.crypto;
  for (const name of ['importKey', 'verify', 'sign', 'digest'] as const) {
    const real = subtle[name].bind(subtle) as (...args: unknown[]) => Promise<unknown>;
    const turned = (...args: unknown[]) => inTurn(scheduler(), real(...args));
    Object.defineProperty(subtle, name, { value: turned });
  }
}

/** Nothing leaves this process: what the product fetches is answered by the world. */
function replaceOutside(scheduler: () => Scheduler): void {
  const request = (url: URL, _options: object, answered: (response: EventEmitter) => void) => {
    const asking = new EventEmitter();
    const headers = { 'content-type': 'application/json' };
    const answer = (content: string) => {
      const body = scheduler().outside(url, content);
      if (body === undefined) {
        asking.emit('error', new Error('nobody answers'));
        return void asking.emit('close');
      }
      const response = Object.assign(new EventEmitter(), { statusCode: 200, headers });
      answered(response);
      response.emit('data', Buffer.from(body));
      response.emit('end');
      response.emit('close');
      asking.emit('close');
    };
    const end = (content = '') => scheduler().after(scheduler().random.fraction() * 20, () => answer(content));
    return Object.assign(asking, { end });
  };
  for (const name of ['node:http', 'node:https']) Object.assign(require(name) as object, { request });
}

/** What a thread is working on, delivered when its turn has come. */
export function inTurn<Value>(scheduler: Scheduler, working: Promise<Value>): Promise<Value> {
  working.catch(() => {});
  return new Promise((resolve, reject) => {
    scheduler.after(scheduler.random.fraction(), () => {
      scheduler.threads += 1;
      const done = () => (scheduler.threads -= 1);
      working.then(resolve, reject).finally(done);
    });
  });
}
