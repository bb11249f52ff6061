import type { Records } from '#libs/engine/src/port.js';

/** After a crash at most this long's events are delivered again; a durable write per event would cost more. */
const SAVE_MS = 250;
/** Passing over what has no handler costs little to do again. */
const SAVE_PASSED_MS = 5_000;

/** The position of one consumer in the records of its app. */
export class SavedPosition {
  #reached = 0;
  #saved = 0;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Infinity;
  #saving: Promise<void> | undefined;

  constructor(
    private readonly records: Records<number>,
    private readonly source: string,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  async load(): Promise<number> {
    this.#saved = (await this.records.get([this.source])) ?? 0;
    this.#reached = this.#saved;
    return this.#saved;
  }

  /** `handled`: there was work since; otherwise all was passed over. */
  reached(position: number, handled: boolean): void {
    if (position <= this.#reached) return;
    this.#reached = position;
    this.#schedule(handled ? SAVE_MS : SAVE_PASSED_MS);
  }

  /** @throws what the records throw */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#saving;
    clearTimeout(this.#timer);
    await this.#save();
  }

  #schedule(inMs: number): void {
    const at = performance.now() + inMs;
    if (at >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = setTimeout(() => {
      this.#dueAt = Infinity;
      this.#saving = this.#save().catch((error: unknown) => {
        this.onFailure(error);
        this.#schedule(SAVE_MS);
      });
    }, inMs);
  }

  async #save(): Promise<void> {
    const position = this.#reached;
    if (position === this.#saved) return;
    await this.records.put([this.source], position);
    this.#saved = position;
  }
}
