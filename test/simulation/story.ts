import type { Outcome } from './run.js';
import type { Observation } from './world/history.js';

const LAST = 60;

/** What was found, and what happened last before it, in the same story with less. */
export function storyOf(seed: number, found: Outcome, short: Outcome): string {
  const { complaints, history } = short;
  const begin = history[0]?.at ?? 0;
  const attempts = history.filter(({ kind }) => kind === 'asked').length;
  return [
    `seed ${seed}: ${found.complaints.length} found after ${found.operations} attempts and ${found.steps} steps`,
    ...complaints.slice(0, 5).map((complaint) => `  ${complaint}`),
    `in ${attempts} calls; what happened last:`,
    ...history.slice(-LAST).map((observed) => `  ${((observed.at - begin) / 1000).toFixed(3)} ${told(observed)}`),
    `again: npm run simulate -- --seed ${seed}`,
  ].join('\n');
}

function told(observed: Observation): string {
  switch (observed.kind) {
    case 'asked':
      return `#${observed.number} ${observed.name} ${nameOf(observed.by)} ${observed.on ? `on ${observed.on.username}` : ''}`;
    case 'answered': {
      const { status, body } = observed.answer;
      return `#${observed.number} ${observed.name}: ${status} ${(body as { code?: string } | undefined)?.code ?? ''}`;
    }
    case 'event':
      return `event ${observed.name} ${observed.event.portal}/${observed.event.account ?? ''} ${JSON.stringify(observed.event.data)}`;
    case 'fault':
      return `fault: ${observed.what}`;
  }
}

const nameOf = (by: Extract<Observation, { kind: 'asked' }>['by']): string => {
  if (by === undefined || by === 'operator') return by ?? 'somebody';
  return 'username' in by ? by.username : `service ${by.id.slice(0, 8)}`;
};
