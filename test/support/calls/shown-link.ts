import type { z } from 'zod';
import type { identityEndpoints } from '#libs/contracts/src/http/identity.js';

type Answer = z.output<typeof identityEndpoints.issuePasswordLink.reply>;

/** The link by which a password is set, as the operator is shown it. */
export function shownLink(answer: Answer): string {
  if ('url' in answer) return answer.url;
  throw new Error('the link was mailed, and is shown to nobody');
}
