import type { Engine, Records } from '#libs/engine/src/port.js';

/** When the keys of a ring were first seen here. Of a key it has the id alone. */
export class KeyTimes {
  readonly #times: Records<number>;

  constructor(
    engine: Pick<Engine, 'records'>,
    private readonly clock: () => number,
  ) {
    this.#times = engine.records('key-times');
  }

  /** Those that were noted before keep their time. */
  async note(ids: readonly string[]): Promise<void> {
    const known = await this.of(ids);
    for (const id of ids) if (!known.has(id)) await this.#times.create([id], this.clock());
  }

  /** In milliseconds since 1970, of those that were noted. */
  async of(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const times = await Promise.all(ids.map(async (id) => [id, await this.#times.get([id])] as const));
    return new Map(times.filter((entry): entry is [string, number] => entry[1] !== undefined));
  }
}
