import type { Actor, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { type EventForm, hashOfForm, NO_HASH } from '#libs/event-store/src/commit.js';

export interface Recorded {
  readonly portal?: string;
  readonly account?: string | null;
  readonly type?: string;
  readonly time?: string;
  readonly data?: Record<string, unknown>;
  readonly actor?: Actor;
  readonly correlationId?: string;
}

export const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
export const attemptFailed = 'two-factor.attempt-failed.v1';

/** A stream as an app would have recorded it: whole, and with right hashes. */
export class RecordedStream {
  #version = 0;
  #hash = NO_HASH;

  constructor(private readonly defaults: Recorded = {}) {}

  next(given: Recorded = {}): RecordedEvent {
    const {
      portal = 'demo',
      account = 'a1',
      type = attemptFailed,
      time,
      data = {},
      ...more
    } = { ...this.defaults, ...given };
    this.#version += 1;
    const {
      actor = { kind: 'user', ...(account !== null && { id: account }) },
      correlationId = `request-${this.#version}`,
    } = more;
    const event = sealed({
      id: `${portal}.${account ?? ''}.${type}.${this.#version}`,
      type,
      time: time ?? at(this.#version),
      portal,
      ...(account === null ? {} : { account }),
      actor,
      context: { correlationId, entrance: 'http' },
      data,
      streamVersion: this.#version,
      previousHash: this.#hash,
    });
    this.#hash = event.hash;
    return event;
  }

  take(count: number, given: Recorded = {}): RecordedEvent[] {
    return Array.from({ length: count }, () => this.next(given));
  }
}

/** With the hash of what it says: what a forger can make. */
export const sealed = (form: EventForm | RecordedEvent): RecordedEvent => {
  const { hash: _old, ...unsealed } = form as RecordedEvent;
  return { ...unsealed, hash: hashOfForm(unsealed) };
};
