import type { z } from 'zod';
import type { AppName } from '../http/endpoint.js';

/** One value for one request between apps: pattern, schema, schema of the reply, an example of each. A refusal replies with a problem document. */
export interface RequestContract<Schema extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType> {
  readonly app: AppName;
  readonly pattern: string;
  readonly summary: string;
  readonly schema: Schema;
  readonly reply: Reply;
  readonly example: z.input<Schema>;
  readonly replyExample: z.input<Reply>;
}

export const request = <Schema extends z.ZodType, Reply extends z.ZodType>(
  app: AppName,
  name: string,
  definition: Pick<RequestContract<Schema, Reply>, 'summary' | 'schema' | 'reply' | 'example' | 'replyExample'>,
): RequestContract<Schema, Reply> => ({ app, pattern: `${app}.${name}`, ...definition });

/** What the handler of a request gets. */
export type PayloadOf<Contract extends RequestContract> = z.output<Contract['schema']>;
