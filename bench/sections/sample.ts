import { twoFactorEvents } from '#apps/two-factor/src/second-factor/events.js';
import type { Commit } from '#libs/engine/src/port.js';
import { encodeCommit, recordedEvents } from '#libs/event-store/src/commit.js';
import { accountId, LIMIT, PORTAL } from '../seed/accounts.js';

/** The commit of a wrong code. */
export const sampleCommit = (): Commit =>
  encodeCommit(null, {
    fold: { contracts: twoFactorEvents },
    stream: `${PORTAL}/${accountId(0)}`,
    commitId: accountId(1),
    at: 1_764_000_000_000,
    origin: { actor: { kind: 'service', id: accountId(2) }, correlationId: accountId(3) },
    events: [
      {
        type: 'AttemptFailed',
        data: { purpose: 'gateway', method: 'totp', reason: 'wrong', failedAttempts: 7, maxFailedAttempts: LIMIT },
      },
    ],
  });

/** The same as values: what is left to be decoded when a log keeps its events as it likes. */
export function sampleValues(): object {
  const commit = sampleCommit();
  return { ...commit, events: recordedEvents(commit) };
}

/** About as long as what the engine writes of it. */
export const commitText = (): string => JSON.stringify(sampleCommit());
