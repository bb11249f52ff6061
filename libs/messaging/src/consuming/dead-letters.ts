import { allRecords } from '#libs/engine/src/records.js';
import type { SourceApp } from '#libs/contracts/src/events/event.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Key, Records } from '#libs/engine/src/port.js';

/** An event that could not be handled. Of its payload it holds nothing: the original stays in the log of its source. */
export interface DeadLetter extends DeadLetterId {
  readonly stream: string;
  readonly type: string;
  /** Of the event, as far as it could be read. */
  readonly eventId: string | null;
  /** Kind and place of the last error. */
  readonly reason: string;
  readonly at: string;
  /** When it was replayed: it is done with, unless another letter came of it. */
  readonly replayedAt?: string;
}
export interface DeadLetterId {
  readonly source: LetterSource;
  /** In the source's log; on Kafka the offset. Of a mail: when it was given up, in milliseconds. */
  readonly position: number;
  /** Among the events of that position, from 0; on Kafka the partition. */
  readonly index: number;
}
/** Whose events, or what else came to the app. */
export type LetterSource = SourceApp | 'requests' | 'commands' | 'mails';
/** Whether the original stands where it can be read again. */
export const isEvent = (source: LetterSource): source is SourceApp =>
  !['requests', 'commands', 'mails'].includes(source);

/** What the operator calls it by. */
export const nameOf = (app: AppName, { source, position, index }: DeadLetterId): string =>
  `${app}:${source}:${position}:${index}`;

const keyOf = ({ source, position, index }: DeadLetterId): Key => [source, position, index];

const PAGE = 200;

/** The dead letters of one app, for its operator. */
export class DeadLetters {
  constructor(
    private readonly records: Records<DeadLetter>,
    /** Brings the original to its handler, or on its way there. */
    private readonly deliver: (letter: DeadLetter) => Promise<void>,
    private readonly clock: () => number = Date.now,
  ) {}

  put(letter: DeadLetter): Promise<void> {
    return this.records.put(keyOf(letter), letter);
  }

  get(id: DeadLetterId): Promise<DeadLetter | undefined> {
    return this.records.get(keyOf(id));
  }

  /** By source, oldest first, those that are not replayed; `after` is the last of the page before. */
  async list({ after, limit = 50 }: { after?: DeadLetterId; limit?: number } = {}): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for await (const letter of this.all(after)) {
      if (letter.replayedAt === undefined && letters.push(letter) === limit) break;
    }
    return letters;
  }

  /** How many are not replayed, and the newest of them, the newest first. */
  async newest(most: number): Promise<{ count: number; newest: DeadLetter[] }> {
    let [count, newest] = [0, [] as DeadLetter[]];
    const cut = () => newest.sort((one, other) => (one.at < other.at ? 1 : -1)).slice(0, most);
    for await (const letter of this.all()) {
      if (letter.replayedAt !== undefined) continue;
      count += 1;
      newest.push(letter);
      // thousands come of one fault
      if (newest.length === 2 * most) newest = cut();
    }
    return { count, newest: cut() };
  }

  /** Those that are replayed too. */
  async *all(after?: DeadLetterId): AsyncGenerator<DeadLetter, void> {
    for await (const { value } of allRecords(this.records, { page: PAGE, ...(after && { after: keyOf(after) }) }))
      yield value;
  }

  /**
   * Handles the original again and, if that succeeds, marks the letter; one that is marked has no effect. Later events of the
   * stream have been handled meanwhile: the handler must bear it.
   *
   * @throws Problem `not-found` no such letter, or no original any more; else what the handler throws, and the letter stays
   */
  async replay(id: DeadLetterId): Promise<void> {
    const letter = await this.get(id);
    if (!letter) throw new Problem('not-found', 'There is no such dead letter.');
    if (letter.replayedAt !== undefined) return;
    await this.deliver(letter);
    await this.records.put(keyOf(id), { ...letter, replayedAt: new Date(this.clock()).toISOString() });
  }
}
