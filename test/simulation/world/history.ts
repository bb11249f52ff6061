import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Act, CallName } from './acts.js';
import type { Answer } from './world.js';

export interface Asked extends Pick<Act, 'call' | 'by' | 'on'> {
  readonly kind: 'asked';
  /** Joins it with its answer. */
  readonly number: number;
  /** Sent as `X-Request-Id`: of its events too. */
  readonly requestId: string;
  /** Simulated milliseconds. */
  readonly at: number;
  readonly name: CallName;
}
export interface Answered extends Omit<Asked, 'kind'> {
  readonly kind: 'answered';
  readonly answer: Answer;
}
/** An event stands in the log of its app from now on. */
export interface Happened {
  readonly kind: 'event';
  readonly at: number;
  readonly app: AppName;
  readonly name: string;
  readonly event: RecordedEvent;
}
export interface Fell {
  readonly kind: 'fault';
  readonly at: number;
  readonly what: string;
}
/** All that can be seen of a world, in the order in which it came. */
export type Observation = Asked | Answered | Happened | Fell;
