import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { shortType } from '../events.js';

export type Key = (string | number)[];

export interface StoredCommit {
  readonly stream: string;
  /** The HTTP form without its hash as RFC 8785 text, and the hash. */
  readonly events: readonly { readonly body: string; readonly hash: string }[];
}

/** What one app has stored, as it lies there. */
export interface Stored {
  /** In the order in which they were written. */
  commits(): readonly StoredCommit[] | Promise<readonly StoredCommit[]>;
  records(collection: string): StoredRecords | Promise<StoredRecords>;
}
type StoredRecords = readonly { readonly key: Key; readonly value: unknown }[];

/** Every event of a log by its stream, in their HTTP form. */
export async function eventsIn(stored: Stored): Promise<Map<string, RecordedEvent[]>> {
  const streams = new Map<string, RecordedEvent[]>();
  for (const { stream, events } of await stored.commits()) {
    const forms = events.map(({ body, hash }) => ({ ...(JSON.parse(body) as object), hash }) as RecordedEvent);
    streams.set(stream, [...(streams.get(stream) ?? []), ...forms]);
  }
  return streams;
}

/** How many events of a portal a log holds. */
export async function countEvents(stored: Stored, portal: string): Promise<number> {
  let count = 0;
  for (const { stream, events } of await stored.commits()) {
    if (stream === portal || stream.startsWith(`${portal}/`)) count += events.length;
  }
  return count;
}

/**
 * What the vault holds and what it ought to, as `portal/account/id`: one entry for each secret and backup-code set that is
 * not ended. `isNew`: noted as stored for an event to come, which a crash may have cut off.
 */
export async function vaultIn(stored: Stored): Promise<{ held: string[]; named: string[]; isNew: Set<string> }> {
  const held = (await stored.records('vault')).map(({ key }) => key.join('/'));
  const notes = await stored.records('vault-touched');
  const isNew = new Set(
    notes.filter(({ value }) => (value as { why: string }).why === 'new').map(({ key }) => key.join('/')),
  );
  const named = [...(await eventsIn(stored))].flatMap(([stream, events]) =>
    [...idsNamedBy(events)].map((id) => `${stream}/${id}`),
  );
  return { held: held.sort(), named: named.sort(), isNew };
}

function idsNamedBy(events: readonly RecordedEvent[]): Iterable<string> {
  let apps: string[] = [];
  let [pending, set] = ['', ''];
  for (const { type, data } of events) {
    switch (shortType({ type })) {
      case 'SecretIssued':
        if (data.reason !== 'add') [apps, set] = [[], ''];
        pending = String(data.secretId);
        break;
      case 'TwoFactorEnabled':
      case 'AuthenticatorAdded':
        apps.push(pending);
        pending = '';
        break;
      case 'AuthenticatorRemoved':
        apps = apps.filter((id) => id !== data.authenticatorId);
        break;
      case 'BackupCodesIssued':
        set = String(data.setId);
        break;
      case 'SetupFailed':
        pending = '';
        break;
      case 'TwoFactorDisabled':
      case 'SecondFactorErased':
        [apps, pending, set] = [[], '', ''];
        break;
      default:
    }
  }
  return [...apps, pending, set].filter((id) => id !== '');
}
