import type { z } from 'zod';

/** A decision made an event that is not in the contracts: a mistake in the code, found before anything is recorded. */
export class InvalidEvent extends Error {
  override readonly name = 'InvalidEvent';
  constructor(eventName: string, reason: string) {
    super(`event ${eventName} is not valid: ${reason}`);
  }
}

/** Where it went wrong, never the value: an event may hold what no error message may say. */
export const issuesOf = ({ issues }: z.ZodError): string =>
  issues.map(({ path, code }) => `${path.join('.')}: ${code}`).join(', ');
