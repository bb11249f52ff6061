import type { Context } from '#libs/contracts/src/context.js';
import { Problem, type ProblemDocument } from '#libs/contracts/src/problems.js';
import { call } from '#libs/messaging/src/answering.js';
import { CommandRefused } from '#libs/messaging/src/commands.js';
import { Outages } from '#libs/messaging/src/consuming/consumer-status.js';
import { Retries } from '#libs/messaging/src/consuming/retries.js';
import { documentOf, isOutage } from '#libs/messaging/src/failures.js';
import { as } from '../runtime/scheduler.js';
import type { CommandReader } from './network.js';
import type { Answer, World } from './world.js';

/** A message as its sender makes it. */
export interface Command {
  readonly jws: string;
  readonly key: string;
  readonly correlationId: string;
}
type Stamped = Command & { readonly at: number };

const TRIES = 5;
/** A broker does not notice at once that a reader has died. */
const NOTICED_AFTER_MS = 3_000;
const LATEST_MS = 120_000;
const noAnswer: Answer = { status: 0, body: undefined };

/** Signed commands: those of one account in their order, each until it is done, again by another instance if one dies meanwhile. */
export class CommandTopic {
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(private readonly world: World) {}

  /** What its sender is told. It may be delivered again, at once or much later. */
  send(command: Command): Promise<Answer> {
    const { scheduler, faults, random } = this.world;
    if (faults.losesMessage()) return new Promise(() => {});
    return new Promise((resolve) => {
      const arrive = async () => {
        const stamped = { ...command, at: Math.floor(scheduler.now) };
        const before = this.#last.get(command.key);
        const delivered = (before ?? Promise.resolve()).then(() => this.#deliver(stamped));
        this.#last.set(command.key, delivered);
        // a reader that has lost its partition works on, beside the next one
        if (faults.doublesMessage())
          scheduler.after(random.chance(0.5) ? faults.trip() : random.fraction() * LATEST_MS, () =>
            this.#deliver(stamped),
          );
        const answer = await delivered;
        if (!faults.losesMessage()) scheduler.after(faults.trip(), () => resolve(answer));
      };
      scheduler.after(faults.trip(), () => void arrive(), undefined);
    });
  }

  async #deliver(command: Stamped): Promise<Answer> {
    for (;;) {
      const readers = this.world.network.commandReaders();
      const reader = readers.length > 0 ? this.world.random.pick(readers) : undefined;
      const answer =
        reader &&
        (await Promise.race([as(reader.process, () => this.#carryOut(reader, command)), reader.process.dead]));
      if (answer) return answer;
      await this.world.scheduler.pause(NOTICED_AFTER_MS);
    }
  }

  /** As the consumer of the broker's topic does. */
  async #carryOut({ handler }: CommandReader, { correlationId, ...signed }: Stamped): Promise<Answer> {
    const context: Context = { actor: { kind: 'anonymous' }, correlationId, entrance: 'bus' };
    const retries = new Retries(new Outages(Date.now, () => {}), new AbortController().signal);
    let answer = noAnswer;
    const failure = await retries.atMost(TRIES, async () => {
      try {
        const reply = await call(handler, signed, context);
        answer = { status: 200, body: JSON.parse(JSON.stringify(reply ?? null)) as unknown };
      } catch (error) {
        if (error instanceof CommandRefused) answer = error.problem ? told(documentOf(error.problem)) : noAnswer;
        else if (error instanceof Problem && !isOutage(error) && error.status < 500) answer = told(documentOf(error));
        else throw error;
      }
    });
    return failure ? told(documentOf(failure.error)) : answer;
  }
}

const told = (problem: ProblemDocument): Answer => ({ status: problem.status, body: problem });
