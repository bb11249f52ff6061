import { closeSync, fstatSync, openSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreUnavailable } from '../../port.js';
import { engineError } from './errors.js';

const KB = 1024;
/** Pages that one write may add: a leaf in each of three trees, and one for the list of free pages. */
const ONE_WRITE = 16 * KB;
/** Beyond so many in one transaction, writes share most of their pages. */
const WRITES_APART = 256;
const SHARED_WRITE = 4 * KB;
/** For large values, branches, and the list of free pages. */
const MARGIN = 512 * KB;
const STEP = 1024 * KB;
/** Some file systems never overwrite in place: there, a long file alone promises nothing. */
const LEAST_FREE = 4096 * KB;
const LOOK_EVERY_MS = 1000;
const LOOK_AGAIN_MS = 250;

const zeros = Buffer.alloc(256 * KB);

/**
 * Keeps the data file longer than what LMDB uses of it, so that LMDB never has to ask the disk for space: a write of LMDB's
 * that fails may end the process. It only appends, so it never touches what LMDB writes.
 */
export class Preallocation {
  readonly #descriptor: number;
  #shortage: StoreUnavailable | undefined;
  #nextLook = -Infinity;
  /** Writes that surely fit in what the last look found. */
  #fitting = 0;

  /**
   * @param used bytes of the file that LMDB uses
   * @param clock milliseconds, never going back
   * @param free bytes on the disk of a folder, for this user
   */
  constructor(
    private readonly path: string,
    private readonly used: () => number,
    private readonly clock: () => number = () => performance.now(),
    private readonly free: (folder: string) => number = freeBytes,
  ) {
    this.#descriptor = openSync(path, 'a');
  }

  /** Why there is no space for these writes; a later call may find some again. */
  shortage(inFlight: number, added: number): StoreUnavailable | undefined {
    const now = this.clock();
    if (now < this.#nextLook) {
      if (this.#shortage !== undefined) return this.#shortage;
      if (added <= this.#fitting) {
        this.#fitting -= added;
        return undefined;
      }
    }
    this.#shortage = this.#look(inFlight + added);
    this.#nextLook = now + (this.#shortage === undefined ? LOOK_EVERY_MS : LOOK_AGAIN_MS);
    return this.#shortage;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #look(writes: number): StoreUnavailable | undefined {
    this.#fitting = 0;
    try {
      if (this.free(dirname(this.path)) < LEAST_FREE) {
        return new StoreUnavailable(`${this.path}: no space left on the disk`);
      }
      const needed = this.used() + MARGIN + most(writes);
      const comfortable = needed + STEP / 4;
      // Once refused, little space is no reason to begin again.
      this.#grow(comfortable, this.#shortage === undefined ? needed : comfortable);
      this.#fitting = Math.floor((this.#size() - needed) / ONE_WRITE);
      return undefined;
    } catch (error) {
      return engineError(error, this.path) as StoreUnavailable;
    }
  }

  /** @throws the system's error, when the file cannot even become as long as `least` */
  #grow(comfortable: number, least: number): void {
    try {
      for (let rest = Math.ceil((comfortable - this.#size()) / STEP) * STEP; rest > 0;) {
        rest -= writeSync(this.#descriptor, zeros, 0, Math.min(rest, zeros.length));
      }
    } catch (error) {
      if (this.#size() < least) throw error;
    }
  }

  #size(): number {
    return fstatSync(this.#descriptor).size;
  }
}

const most = (writes: number): number =>
  ONE_WRITE * Math.min(writes, WRITES_APART) + SHARED_WRITE * Math.max(0, writes - WRITES_APART);

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
