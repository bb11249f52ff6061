import type { QueryKey } from '@tanstack/react-query';
import { kindOf } from '../event-kind.js';
import type { RecordedEvent } from '../queries.js';

type Told = Pick<RecordedEvent, 'type' | 'portal' | 'account'>;
const changesNames = new Set<string>([
  'identity.account-registered',
  'identity.account-changed',
  'identity.account-deleted',
]);

/** May an event have changed the answer that is kept under a key of `queries.ts`? `own`: the account of the session. */
export function mayChange({ type, portal, account }: Told, key: QueryKey, own: string | undefined): boolean {
  const [of, place, kind, id] = key;
  if (of === 'me') return account === undefined || account === own;
  if (place !== portal) return false;
  if (of === 'face') return kindOf(type) === 'admin-policy.profile-changed';
  if (of === 'settings') return type.startsWith('admin-policy.');
  if (of === 'clients') return kindOf(type).startsWith('admin-policy.client-');
  if (of === 'service-tokens') return kindOf(type).startsWith('admin-policy.service-token-');
  if (of !== 'accounts') return false;
  if (kind === 'like') return changesNames.has(kindOf(type));
  if (kind === 'name') return changesNames.has(kindOf(type)) && account === id;
  return kind !== 'one' || account === undefined || account === id;
}
