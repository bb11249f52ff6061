import type { z } from 'zod';
import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import type { accountOfBatch } from '#libs/contracts/src/http/batch.js';
import type { accountToImport, ImportResult } from '#libs/contracts/src/http/import.js';
import type { ProblemError } from '../problem-error.js';
import type { Contracts, table } from './table.js';

/** The name of a call: the `operationId` of the OpenAPI document. */
export type CallName = keyof typeof table & keyof Contracts;
/** The codes of the problems that a call can have. */
export type CodeOf<Name extends CallName> = (typeof table)[Name]['codes'][number];
export type ProblemOf<Name extends CallName> = ProblemError<CodeOf<Name>>;

/** Of one call. */
export interface CallOptions {
  /** A UUID; made unless given. The events of the call have the same. */
  readonly requestId?: string;
  /** W3C Trace Context, passed on. */
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** In place of the client's. */
  readonly token?: string;
  /** Of each try, until the answer has begun. */
  readonly timeoutMs?: number;
  /** How many times more an idempotent call is tried. */
  readonly retries?: number;
  /** Ends the call, and the reading of a stream. */
  readonly signal?: AbortSignal;
}

/** A live event, with the place to go on after: `lastEventId` of the next call. */
export interface StreamedEvent {
  readonly id: string;
  readonly event: ReadableEvent;
}
export type AccountOfBatch = z.input<typeof accountOfBatch>;
export type AccountToImport = z.input<typeof accountToImport>;
export type { ImportResult, ReadableEvent };

/** What has no members of its own adds none. */
type Members<Value> = Value extends undefined ? unknown : string extends keyof Value ? unknown : Value;
type Sent<Value> = [Value] extends ['true' | 'false' | undefined] ? Value | boolean : Value;
type Query<Schema extends z.ZodType> = {
  [Key in keyof z.input<Schema> as undefined extends z.input<Schema>[Key] ? never : Key]: z.input<Schema>[Key];
} & {
  [
    Key in keyof z.input<Schema> as undefined extends z.input<Schema>[Key] ? Key : never
  ]?: Key extends keyof z.output<Schema> ? Sent<z.output<Schema>[Key]> : never;
};
type Body<Name extends CallName> = Name extends 'registerBatch'
  ? { accounts: readonly AccountOfBatch[] }
  : Members<z.input<Contracts[Name]['body']>>;
type Headers<Name extends CallName> = Name extends 'streamEvents' ? { lastEventId?: string } : unknown;

/** Members of path, query and body, by their names. */
export type Args<Name extends CallName> = Members<z.input<Contracts[Name]['params']>> &
  Members<Query<Contracts[Name]['query']>> &
  Headers<Name> &
  Body<Name>;
type AnswerKind<Name extends CallName> = (typeof table)[Name]['answer'];
export type Reply<Name extends CallName> = z.output<Contracts[Name]['reply']>;

type Call<Name extends CallName> =
  AnswerKind<Name> extends 'lines'
    ? (
        args: Args<Name>,
        /** As values, or each as the JSON text of its line. */
        accounts: Iterable<AccountToImport | string> | AsyncIterable<AccountToImport | string>,
        options?: CallOptions,
      ) => AsyncGenerator<ImportResult, void>
    : AnswerKind<Name> extends 'events'
      ? (args: Args<Name>, options?: CallOptions) => AsyncGenerator<StreamedEvent, void>
      : AnswerKind<Name> extends 'export'
        ? ExportCall<Args<Name>>
        : object extends Args<Name>
          ? (args?: Args<Name>, options?: CallOptions) => Promise<Reply<Name>>
          : (args: Args<Name>, options?: CallOptions) => Promise<Reply<Name>>;

interface ExportCall<A> {
  (args: A & { format: 'ndjson' }, options?: CallOptions): AsyncGenerator<ReadableEvent, void>;
  /** The text as it comes, not by lines. */
  (args: A & { format: 'csv' }, options?: CallOptions): AsyncGenerator<string, void>;
}

/** A method for each call of the product. @throws ProblemError what it refuses @throws TransportError it does not answer */
export type Calls = { readonly [Name in CallName]: Call<Name> };
