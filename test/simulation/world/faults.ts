import type { Random } from '#test/support/random.js';

/** How often what goes wrong, in one world. Each seed draws its own. */
export class Faults {
  /** None at all: while the world is made, and when it is to come to rest. */
  quiet = true;
  readonly #refused: number;
  readonly #forgotten: number;
  readonly #slow: number;
  readonly #lost: number;
  readonly #doubled: number;
  readonly #trip: number;

  constructor(private readonly random: Random) {
    const often = [0, 0.001, 0.01];
    this.#refused = random.pick(often);
    this.#forgotten = random.pick(often);
    this.#lost = random.pick(often);
    this.#doubled = random.pick(often);
    this.#slow = random.pick([0, 0.01, 0.1]);
    this.#trip = random.pick([0.2, 1, 5]);
  }

  /** Messages and writes arrive, soon and once. */
  get calm(): boolean {
    return this.quiet || [this.#refused, this.#forgotten, this.#slow, this.#lost].every((often) => often === 0);
  }

  /** Milliseconds that a message is on its way. */
  trip(): number {
    const { random } = this;
    if (!this.quiet && random.chance(this.#slow)) return random.fraction() * 500;
    return random.fraction() * this.#trip;
  }

  /** The store does not do it, and says so. */
  refuses(): boolean {
    return !this.quiet && this.random.chance(this.#refused);
  }

  /** It is done, and nobody hears of it. */
  forgets(): boolean {
    return !this.quiet && this.random.chance(this.#forgotten);
  }

  losesMessage(): boolean {
    return !this.quiet && this.random.chance(this.#lost);
  }

  doublesMessage(): boolean {
    return !this.quiet && this.random.chance(this.#doubled);
  }

  /** Milliseconds until a message comes again. */
  late(): number {
    return this.random.fraction() * 3_000;
  }

  /** It was on its way when its sender died, and did not arrive. */
  loses(): boolean {
    return this.random.chance(0.5);
  }
}
