import { Inject, Injectable } from '@nestjs/common';
import { Problem, type ProblemDocument } from '#libs/contracts/src/problems.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { CommandRefused } from '#libs/messaging/src/commands.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import type { ProvedCommand } from './signed-command.js';

interface Seen {
  readonly digest: string;
  readonly outcome?: { readonly answer: unknown } | { readonly problem: ProblemDocument };
}

/** Each command of a sender is carried out once, whichever account it names and whether or not it recorded an event. */
@Injectable()
export class SeenCommands {
  readonly #records: Records<Seen>;

  constructor(@Inject(ENGINE) engine: Engine) {
    this.#records = engine.records('commands');
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
    const created = await this.#records.create(key, { digest });
    const seen = created ? undefined : await this.#records.get(key);
    if (seen && seen.digest !== digest) {
      throw new CommandRefused('its id was used with other content', new Problem('command-id-reused'));
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
}
