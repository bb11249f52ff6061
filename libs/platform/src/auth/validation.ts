import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Context } from '#libs/contracts/src/context.js';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Caller } from './caller.js';
import type { CheckedRequest, Input } from '../http/handle.js';

interface FieldError {
  readonly field: string;
  readonly message: string;
}
const MOST_ERRORS = 20;

/** @throws Problem `malformed-request` naming each field and why, never its value */
export function checkedInput(
  endpoint: Endpoint,
  request: Pick<FastifyRequest & CheckedRequest, 'params' | 'query' | 'headers' | 'body' | 'address'>,
  caller: Caller,
  context: Context,
): Input<Endpoint> {
  const params = endpoint.params.safeParse(request.params);
  const query = endpoint.query.safeParse(request.query);
  const headers = endpoint.headers.safeParse(request.headers);
  // of lines each is judged by itself, by who reads them
  const body = endpoint.body.safeParse(endpoint.lines ? {} : request.body);
  if (!params.success || !query.success || !headers.success || !body.success) {
    const errors = [params, query, headers, body].flatMap((part) =>
      part.success ? [] : part.error.issues.flatMap(fieldErrors),
    );
    throw malformed(errors);
  }
  return {
    params: params.data,
    query: query.data,
    headers: headers.data,
    body: body.data,
    caller,
    address: request.address,
    host: request.headers.host ?? '',
    context,
  };
}

export const malformed = (errors: readonly FieldError[]): Problem =>
  new Problem('malformed-request', 'Some fields are invalid.', { errors: errors.slice(0, MOST_ERRORS) });

/** Each field and why, never its value. */
export const fieldErrors = (issue: z.core.$ZodIssue): FieldError[] => {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [...path, safeName(key)].join('.'),
      message: 'is not a known field',
    }));
  }
  return [{ field: path.map(safeName).join('.'), message: issue.message }];
};

/** A name that the client made up may be anything, a password pasted in the wrong place too. */
const safeName = (name: string): string => (/^[A-Za-z][A-Za-z0-9_-]{0,39}$|^\d{1,4}$/.test(name) ? name : '(unnamed)');
