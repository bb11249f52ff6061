import type { EventContract, SealedText, SourceApp } from '#libs/contracts/src/events/event.js';

/** What a domain event looks like inside the app: its name in the log, its data, and what it says of a person. */
export interface DomainEvent {
  readonly type: string;
  readonly data: object;
  readonly person?: object;
}

/** Of a person, as it stands in the event of that id; only who has the key can open it (R42). */
export interface SealedPerson extends SealedText {
  readonly eventId: string;
}

/** An event as it is folded: what it says of a person is sealed. */
export type Sealed<Event extends DomainEvent> = Event extends { person: object }
  ? Omit<Event, 'person'> & { person: SealedPerson }
  : Event extends { person?: object }
    ? Omit<Event, 'person'> & { person?: SealedPerson }
    : Event;

/** A refusal carries events too: a wrong code is an `AttemptFailed`, perhaps an `AccountLocked`, and an answer. */
export interface Decision<Event extends DomainEvent, Answer> {
  readonly events: readonly Event[];
  readonly answer: Answer;
}

/** How one kind of stream folds. `evolve` is pure; `at` is the time of the event in milliseconds. */
export interface Fold<State, Event extends DomainEvent> {
  readonly app: SourceApp;
  /** By name in the log. Events of older versions reach `evolve` in the present shape. */
  readonly contracts: Readonly<Record<string, EventContract>>;
  readonly initial: State;
  readonly evolve: (state: State, event: Sealed<Event>, at: number) => State;
  /** Raise it when `State` or `evolve` changes: older snapshots are then ignored. */
  readonly snapshotVersion: number;
}

/** How far a stream has come: the version of its last event of each name. What other apps act by is asked for by this (R28). */
export interface Recorded {
  readonly source: SourceApp;
  readonly stream: string;
  readonly versions: Readonly<Record<string, number>>;
}
