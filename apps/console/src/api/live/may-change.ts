import type { QueryKey } from '@tanstack/react-query';
import { type EventKind, kindOf } from '../event-kind.js';
import type { RecordedEvent } from '../queries.js';

type Told = Pick<RecordedEvent, 'type' | 'portal' | 'account'>;
const changesNames = new Set<EventKind>(['identity.account-registered', 'identity.account-changed']);

/** May an event have changed the answer that is kept under a key of `queries.ts`? `own`: the account of the session. */
export function mayChange({ type, portal, account }: Told, key: QueryKey, own: string | undefined): boolean {
  const [of, place, kind, id] = key;
  if (of === 'me') return account === undefined || account === own;
  if (place !== portal) return false;
  if (of === 'settings') return type.startsWith('admin-policy.');
  if (of !== 'accounts') return false;
  if (kind === 'names') return changesNames.has(kindOf(type));
  return kind !== 'one' || account === undefined || account === id;
}
