import { StoreUnavailable } from '../../port.js';
import { engineError } from './errors.js';
import type { DataFile } from './data-file.js';

const KB = 1024;
/** Pages that one write may add: a leaf in each of three trees, and one for the list of free pages. */
const ONE_WRITE = 16 * KB;
/** Writes of one transaction beyond so many share most of their pages. */
const WRITES_APART = 256;
const SHARED_WRITE = 4 * KB;
/** For large values, branches, and the list of free pages. */
const MARGIN = 512 * KB;
const STEP = 1024 * KB;
/** Some file systems never overwrite in place: there, room in the file alone promises nothing. */
const LEAST_FREE = 4096 * KB;
const LOOK_EVERY_MS = 1000;
const LOOK_AGAIN_MS = 250;

/**
 * Keeps the data file longer than what LMDB uses of it, so that LMDB never asks the disk for room. When LMDB fails to
 * write, the driver puts together a message that is longer than the memory it takes for it, and sooner or later the
 * process ends for it. So a full disk has to be met here, where it harms nobody.
 */
export class Room {
  #lack: StoreUnavailable | undefined;
  #nextLook = -Infinity;
  /** Writes that surely fit in what the last look found. */
  #fitting = 0;

  /** @param clock milliseconds, never going back */
  constructor(
    private readonly path: string,
    private readonly file: DataFile,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Why these writes cannot be let through; a later call may find room again. */
  lack(underWay: number, added: number): StoreUnavailable | undefined {
    const now = this.clock();
    if (now < this.#nextLook) {
      if (this.#lack !== undefined) return this.#lack;
      if (added <= this.#fitting) {
        this.#fitting -= added;
        return undefined;
      }
    }
    this.#lack = this.#look(underWay + added);
    this.#nextLook = now + (this.#lack === undefined ? LOOK_EVERY_MS : LOOK_AGAIN_MS);
    return this.#lack;
  }

  /** Gives back what LMDB does not use. LMDB must have closed the file. */
  close(): void {
    this.file.trim(this.file.used());
    this.file.close();
  }

  #look(writes: number): StoreUnavailable | undefined {
    this.#fitting = 0;
    try {
      if (this.file.free() < LEAST_FREE) return new StoreUnavailable(`${this.path}: no space left on the disk`);
      const needed = this.file.used() + MARGIN + most(writes);
      const comfortable = needed + STEP / 4;
      const missing = comfortable - this.file.size();
      // Once refused, little room is no reason to begin again.
      const least = this.#lack === undefined ? needed : comfortable;
      if (missing > 0) this.#grow(Math.ceil(missing / STEP) * STEP, least);
      this.#fitting = Math.floor((this.file.size() - needed) / ONE_WRITE);
      return undefined;
    } catch (error) {
      return engineError(error, this.path) as StoreUnavailable;
    }
  }

  /** @throws why the file has not even become as long as `least` */
  #grow(bytes: number, least: number): void {
    try {
      this.file.grow(bytes);
    } catch (error) {
      if (this.file.size() < least) throw error;
    }
  }
}

const most = (writes: number): number =>
  ONE_WRITE * Math.min(writes, WRITES_APART) + SHARED_WRITE * Math.max(0, writes - WRITES_APART);
