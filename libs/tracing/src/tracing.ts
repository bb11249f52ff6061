import {
  type Attributes,
  context as active,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { traceparentFrom } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';

/** Whether spans are made. Looked at before anything else of tracing is, so that nothing is paid for it while it is off. */
export const tracing = { on: false };

const tracer = (): Tracer => trace.getTracer('twinlock');

/** What is told of a step: names and values of closed sets and ids, never what anybody typed, is called or is asked by (R30, R42). */
export interface Step {
  /** `answer two-factor.challenge.verify` */
  readonly name: string;
  /** Where it stands between callers and called; a step within an app unless told. */
  readonly kind?: keyof typeof SpanKind;
  readonly attributes?: Attributes;
}

/** Whoever has it in hand is in that trace: `Context` is one. */
export interface Traced {
  readonly traceparent?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** A step that others began outside, or nobody: then a trace begins with it. The work gets the same, in the span. */
export const entered = <From extends Traced, T>(
  step: Step,
  from: From,
  work: (within: From) => Promise<T>,
): Promise<T> => spanned(step, remote(from.traceparent), from, work);

/** A step of what was begun elsewhere, in another app or earlier. What is in no trace begins none. */
export const continued = <From extends Traced, T>(
  step: Step,
  from: From,
  work: (within: From) => Promise<T>,
): Promise<T> => (from.traceparent === undefined ? work(from) : spanned(step, remote(from.traceparent), from, work));

/** A step of what is being done here. What is in no trace begins none. */
export const within = <From extends Traced, T>(
  step: Step,
  from: From,
  work: (within: From) => Promise<T>,
): Promise<T> =>
  trace.getActiveSpan() === undefined ? continued(step, from, work) : spanned(step, active.active(), from, work);

/** One step for each of what is done all at once, in the trace of each. */
export async function together<T>(steps: readonly (Step & Traced)[], work: () => Promise<T>): Promise<T> {
  const spans = steps
    .filter(({ traceparent }) => traceparent !== undefined)
    .map((step) => begin(step, remote(step.traceparent), step));
  try {
    return await work();
  } catch (error) {
    for (const span of spans) noteFailure(span, error);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

/** That the present step was answered with a refusal, which is not thrown. */
export function noteRefusal({ code, status }: { readonly code: string; readonly status: number }): void {
  const span = trace.getActiveSpan();
  if (span) refuse(span, code, status);
}

/** Headers of a request, in the names of Node. */
type Headers = Record<string, string | string[] | undefined>;
interface Exchange {
  readonly request: { readonly headers: Headers };
  readonly response: {
    readonly statusCode: number;
    readonly headersSent: boolean;
    once(event: 'close', listener: () => void): unknown;
  };
}

/**
 * A request over HTTP, until its answer has gone out. Whoever reads its headers, here or behind the gateway, finds the span
 * in them as `traceparent`.
 */
export function served(step: Step, { request, response }: Exchange, work: () => void): void {
  const { headers } = request;
  const span = begin({ ...step, kind: 'SERVER' }, remote(headers.traceparent, headers.tracestate), {
    correlationId: headers['x-request-id'] as string | undefined,
  });
  response.once('close', () => {
    if (response.headersSent) span.setAttribute('http.response.status_code', response.statusCode);
    // whoever hangs up gets none
    else span.setAttribute('error.type', 'gone');
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  headers.traceparent = traceparentOf(span);
  const state = span.spanContext().traceState?.serialize();
  if (state) headers.tracestate = state;
  else delete headers.tracestate;
  const inside = trace.setSpan(ROOT_CONTEXT, span);
  // a body arrives by itself, outside of what reads it
  active.with(inside, work, undefined, active.bind(inside, request), active.bind(inside, response));
}

async function spanned<From extends Traced, T>(
  step: Step,
  parent: ReturnType<typeof active.active>,
  from: From,
  work: (within: From) => Promise<T>,
): Promise<T> {
  const span = begin(step, parent, from);
  try {
    return await active.with(trace.setSpan(parent, span), work, undefined, {
      ...from,
      traceparent: traceparentOf(span),
    });
  } catch (error) {
    noteFailure(span, error);
    throw error;
  } finally {
    span.end();
  }
}

const begin = (
  { name, kind = 'INTERNAL', attributes }: Step,
  parent: ReturnType<typeof active.active>,
  { correlationId }: Traced,
): Span =>
  tracer().startSpan(
    name,
    {
      kind: SpanKind[kind],
      attributes: { ...attributes, ...(correlationId !== undefined && { 'twinlock.correlation_id': correlationId }) },
    },
    parent,
  );

/** By its name or its code: a message may hold more. */
function noteFailure(span: Span, error: unknown): void {
  if (error instanceof Problem) refuse(span, error.code, error.status);
  else refuse(span, error instanceof Error ? error.name : typeof error, 500);
}

function refuse(span: Span, type: string, status: number): void {
  span.setAttribute('error.type', type);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
}

const traceparentOf = (span: Span): string => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
};

/** Nothing is active in it but that span. */
function remote(given: unknown, state?: unknown): ReturnType<typeof active.active> {
  const traceparent = traceparentFrom(given);
  if (traceparent === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: Number.parseInt(traceparent.slice(53), 16),
    isRemote: true,
    ...(typeof state === 'string' && { traceState: createTraceState(state) }),
  });
}
