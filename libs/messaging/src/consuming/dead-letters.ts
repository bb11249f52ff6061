import type { SourceApp } from '#libs/contracts/src/events/event.js';
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
}
export interface DeadLetterId {
  readonly source: LetterSource;
  /** In the source's log; on Kafka the offset. */
  readonly position: number;
  /** Among the events of that position, from 0; on Kafka the partition. */
  readonly index: number;
}
/** Whose events, or what else came to the app. */
export type LetterSource = SourceApp | 'requests' | 'commands';

const keyOf = ({ source, position, index }: DeadLetterId): Key => [source, position, index];

/** The dead letters of one app, for its operator. */
export class DeadLetters {
  constructor(
    private readonly records: Records<DeadLetter>,
    /** Reads the original and lets the handler have it once. */
    private readonly deliver: (letter: DeadLetter) => Promise<void>,
  ) {}

  put(letter: DeadLetter): Promise<void> {
    return this.records.put(keyOf(letter), letter);
  }

  /** By source, oldest first; `after` is the last of the page before. */
  async list({ after, limit = 50 }: { after?: DeadLetterId; limit?: number } = {}): Promise<DeadLetter[]> {
    const page = await this.records.list({ ...(after && { after: keyOf(after) }), limit });
    return page.map(({ value }) => value);
  }

  /**
   * Handles the event again and, if that succeeds, ends the letter. Later events of the stream have been handled
   * meanwhile: the handler must bear it.
   *
   * @throws Problem `not-found` no such letter; else what the handler throws, and the letter stays
   */
  async replay(id: DeadLetterId): Promise<void> {
    const letter = await this.records.get(keyOf(id));
    if (!letter) throw new Problem('not-found', 'There is no such dead letter.');
    await this.deliver(letter);
    await this.records.delete(keyOf(id));
  }
}
