import type { Actor, EventContract, SourceApp } from '#libs/contracts/src/events/event.js';

/** What a domain event looks like inside the app: its name in the log and its data. */
export interface DomainEvent {
  readonly type: string;
  readonly data: object;
}

/** A refusal carries events too: a wrong code is an `AttemptFailed`, perhaps an `AccountLocked`, and an answer. */
export interface Decision<Event extends DomainEvent, Answer> {
  readonly events: readonly Event[];
  readonly answer: Answer;
}

/** How one kind of stream folds. `evolve` is pure; `at` is the time of the event in milliseconds. */
export interface Fold<State, Event extends DomainEvent> {
  readonly app: SourceApp;
  /** By name in the log. */
  readonly contracts: Readonly<Record<string, EventContract>>;
  readonly initial: State;
  readonly evolve: (state: State, event: Event, at: number) => State;
  /** Raise it when `State` or `evolve` changes: older snapshots are then ignored. */
  readonly snapshotVersion: number;
  /**
   * From an older type on the wire to the event that `evolve` knows. An event changes its shape by a contract of the next
   * version (`….v2`) and one line here; what is recorded stays as it is, for consumers too:
   * `{ 'two-factor.counted.v1': ({ amount }) => ({ type: 'Counted', data: { by: Number(amount), note: 'none' } }) }`
   */
  readonly upcasters?: Readonly<Record<string, (data: Record<string, unknown>) => Event>>;
}

/** Who and why, written beside the events of a decision. */
export interface Origin {
  readonly actor: Actor;
  readonly correlationId?: string;
  readonly causationId?: string;
  /** Of a command that may be delivered again; its answer is recorded with the commit. */
  readonly command?: {
    readonly id: string;
    readonly digest: string;
    /** True: it was not delivered before, so the log is not asked for it unless another process was first. */
    readonly first?: boolean;
  };
}
