import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Problem } from '#libs/contracts/src/problems.js';
import { StoreDamaged, StoreUnavailable } from '#libs/engine/src/port.js';
import { sendProblem, unreadable } from './problem-reply.js';

/** Whatever a call fails with becomes a problem document; what nobody foresaw is logged and told without a word of it. */
@Catch()
export class HttpProblems implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.getArgByIndex<FastifyRequest>(0);
    const reply = host.getArgByIndex<FastifyReply>(1);
    const problem = problemOf(error);
    if (problem.code === 'internal-error')
      this.logger.error({ err: error, correlationId: request.id }, 'a request failed');
    else if (error instanceof StoreDamaged)
      this.logger.error({ err: error, correlationId: request.id }, 'the store is damaged');
    else if (error instanceof StoreUnavailable) {
      this.logger.warn({ err: error, correlationId: request.id }, 'the store is unavailable');
    }
    if (reply.raw.headersSent) reply.raw.destroy();
    else sendProblem(reply, problem);
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreUnavailable) return new Problem('unavailable', undefined, { retryAfter: 1 });
  // until an operator has mended it
  if (error instanceof StoreDamaged) return new Problem('unavailable', 'The store cannot be read.', { retryAfter: 60 });
  if (error instanceof HttpException) return ofStatus(error.getStatus(), codeOf(error.cause));
  if (isFastifyError(error)) return ofStatus(error.statusCode, error.code);
  return new Problem('internal-error');
}

const isFastifyError = (error: unknown): error is FastifyError & { statusCode: number } =>
  error instanceof Error &&
  String((error as { code?: unknown }).code).startsWith('FST_') &&
  typeof (error as { statusCode?: unknown }).statusCode === 'number';

/** Nest wraps what Fastify refuses; its cause has Fastify's code. */
const codeOf = (cause: unknown): string | undefined => {
  if (cause instanceof Problem) return undefined;
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
};

function ofStatus(status: number, code: string | undefined): Problem {
  switch (status) {
    case 400:
      switch (code) {
        case 'FST_ERR_CTP_INVALID_JSON_BODY':
          return unreadable('The body is not JSON.');
        case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
          return unreadable('The body is not as long as Content-Length says.');
        case 'FST_ERR_BAD_URL':
          return unreadable('The URL is malformed.', 'url');
        default:
          return unreadable('The request is not well formed.');
      }
    case 404:
    case 405:
    case 414:
      return new Problem('not-found');
    case 413:
      return new Problem('body-too-large');
    case 415:
      return new Problem('unsupported-media-type', 'Send JSON, as application/json.');
    case 503:
      return new Problem('unavailable', undefined, { retryAfter: 1 });
    default:
      return new Problem('internal-error');
  }
}
