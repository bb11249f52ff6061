import { Inject, Injectable } from '@nestjs/common';
import { Problem, type ProblemDocument } from '#libs/contracts/src/problems.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { CommandRefused } from '#libs/messaging/src/commands.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { KEPT_MS, type ProvedCommand } from './signed-command.js';

interface Seen {
  readonly digest: string;
  readonly outcome?: { readonly answer: unknown } | { readonly problem: ProblemDocument };
}

const HOUR_MS = 3_600_000;
const PAGE = 200;

/** Each command of a sender is carried out once, whichever account it names and whether or not it recorded an event. */
@Injectable()
export class SeenCommands {
  readonly #records: Records<Seen>;
  /** By hour of first sight, sender and id: what is to be forgotten, oldest first. */
  readonly #byHour: Records<true>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#records = engine.records('commands');
    this.#byHour = engine.records('commands-by-hour');
  }

  /**
   * Carries it out, or gives the answer that was given before. One that a crash interrupted is carried out again: the log
   * knows it by its id if it had got so far.
   * @throws CommandRefused the id was used with other content; Problem as the command was answered
   */
  async once<Answer>(
    { tokenId, payload: { jti }, digest }: ProvedCommand,
    carryOut: () => Promise<Answer>,
    /** False: the answer holds what may not be stored (R30); it is made again. */
    keepAnswer = true,
  ): Promise<Answer> {
    const key = [tokenId, jti];
    // before the command itself: none is left that nobody forgets
    await this.#byHour.put([Math.floor(this.clock() / HOUR_MS), ...key], true);
    const created = await this.#records.create(key, { digest });
    const seen = created ? undefined : await this.#records.get(key);
    if (seen && seen.digest !== digest) {
      throw new CommandRefused('its id has been used with different content', new Problem('command-id-reused'));
    }
    const outcome = seen?.outcome;
    if (outcome && 'problem' in outcome) throw Problem.fromDocument(outcome.problem);
    if (outcome) return outcome.answer as Answer;
    try {
      const answer = await carryOut();
      if (keepAnswer) await this.#records.put(key, { digest, outcome: { answer } });
      return answer;
    } catch (error) {
      if (error instanceof Problem && error.status < 500) {
        await this.#records.put(key, { digest, outcome: { problem: error.toDocument() } });
      }
      throw error;
    }
  }
  /** Forgets those that cannot be delivered again. How many those were. */
  async purge(): Promise<number> {
    const until = Math.floor((this.clock() - KEPT_MS) / HOUR_MS);
    let purged = 0;
    for (;;) {
      const page = await this.#byHour.list({ limit: PAGE });
      const old = page.map(({ key }) => key).filter(([hour]) => Number(hour) < until);
      await this.#records.write(old.map((key) => ({ delete: commandOf(key) })));
      await this.#byHour.write(old.map((key) => ({ delete: key })));
      purged += old.length;
      if (old.length < PAGE) return purged;
    }
  }
}

const commandOf = ([, ...key]: Key): Key => key;
