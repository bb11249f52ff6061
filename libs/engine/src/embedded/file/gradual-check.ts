import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { StoreDamaged } from '../../port.js';
import type { Store } from '../driver/store.js';
import { checkDataFileGradually } from './integrity.js';

/**
 * Every page of a big data file is checked while it is served, so that its size does not hold up the start. LMDB may meet a
 * damaged page first and end the process: a mark beside the file says that its check was never finished, and then the next
 * start does it before it opens the file.
 */
export class GradualCheck {
  readonly #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();

  private constructor(private readonly file: string) {}

  /** The mark is made. Undefined: its pages are to be checked before the file is opened. */
  static of(file: string, atOnceUpTo: number): GradualCheck | undefined {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= atOnceUpTo || existsSync(markOf(file))) return undefined;
    try {
      writeFileSync(markOf(file), '', { mode: 0o600 });
    } catch {
      // no room for it
      return undefined;
    }
    return new GradualCheck(file);
  }

  /** When it was opened, before anything else is written. `onDamage` is told what is found. */
  start(store: Store, onDamage?: (damage: StoreDamaged) => void): void {
    const release = store.holdSnapshot();
    this.#work = checkDataFileGradually(this.file, this.#stop.signal)
      .then(() => removeMark(this.file))
      .catch((error: unknown) => {
        // After anything else the mark stays, and the next start checks.
        if (!(error instanceof StoreDamaged)) return;
        store.refuse(error);
        onDamage?.(error);
      })
      .finally(release);
  }

  /** Before the file is closed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }
}

/** All pages are checked, or nothing has happened to who opened the file. */
export const removeMark = (file: string): void => rmSync(markOf(file), { force: true });

const markOf = (file: string): string => `${file}.unchecked`;
