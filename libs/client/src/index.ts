export type {
  AccountOfBatch,
  AccountToImport,
  Args,
  CallName,
  CallOptions,
  Calls,
  CodeOf,
  ImportResult,
  ProblemOf,
  ReadableEvent,
  Reply,
  StreamedEvent,
} from './http/calls.js';
export { isProblem, Twinlock, type TwinlockOptions } from './http/twinlock.js';
export { ProblemError } from './problem-error.js';
export { TransportError } from './transport-error.js';
