import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  Header,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
} from '@nestjs/common';
import type { z } from 'zod';
import type { Endpoint, ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import type { Context } from '#libs/contracts/src/context.js';
import type { Caller } from '../auth/caller.js';

export const ENDPOINT = 'twinlock:endpoint';

/** What a controller method gets: validated by the endpoint's schemas, the caller proved and allowed. */
export interface Input<E extends Endpoint> {
  readonly params: z.output<E['params']>;
  readonly query: z.output<E['query']>;
  readonly headers: z.output<E['headers']>;
  readonly body: z.output<E['body']>;
  readonly caller: Caller;
  /** The peer's address, or what a trusted proxy says it is; `gone` when the connection was closed before. */
  readonly address: string;
  /** That the request names: not to be believed. */
  readonly host: string;
  /** Who acts: a session is an administrator's in a call that only administrators may make. */
  readonly context: Context;
}

/** What a handler gives back: the reply; of a text, which goes on for long, nothing: it writes that itself. */
type Result<E extends Endpoint> = string extends ReplyOf<E> ? void : ReplyOf<E>;
/** Takes the endpoint's input first. */
type Handler<E extends Endpoint> = (input: Input<E>, ...more: never[]) => Result<E> | Promise<Result<E>>;

/** Makes the method the handler of that endpoint: its route and status. The guard finds the endpoint by this mark. */
export const Handle =
  <E extends Endpoint>(endpoint: E) =>
  <M extends Handler<E>>(target: object, key: string | symbol, method: TypedPropertyDescriptor<M>): void =>
    applyDecorators(
      RequestMapping({ method: RequestMethod[endpoint.method], path: endpoint.path }),
      HttpCode(endpoint.status),
      SetMetadata(ENDPOINT, endpoint),
      ...cached(endpoint),
    )(target, key, method);

const cached = ({ cacheSeconds }: Endpoint): MethodDecorator[] =>
  cacheSeconds === undefined ? [] : [Header('cache-control', `public, max-age=${cacheSeconds}`)];

/** The request, as the server and then the guard left it. */
export interface CheckedRequest {
  address: string;
  endpoint: Endpoint | null;
  input: Input<Endpoint>;
}
export const In = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.getArgByIndex<CheckedRequest>(0).input,
);
