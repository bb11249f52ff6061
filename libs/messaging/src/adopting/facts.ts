import type { Key, Records } from '#libs/engine/src/port.js';
import { updateRecord } from '#libs/engine/src/records.js';

/** A fact and the version of the stream it was last adopted from; an older event changes nothing. */
export interface Adopted<Fact> {
  readonly fact: Fact;
  readonly version: number;
}

/**
 * Never over what a later event has written meanwhile: an instance that is slow may hold an older one still. Each fact of a record
 * has its own version: an event that comes late (a dead letter that is replayed) is old only beside its own kind.
 */
export async function adoptFact<
  Facts extends { readonly [Name in keyof Facts]?: Adopted<unknown> },
  Name extends keyof Facts,
>(records: Records<Facts>, key: Key, name: Name, adopted: Facts[Name] & Adopted<unknown>): Promise<void> {
  await updateRecord(records, key, (present) =>
    (present?.[name]?.version ?? 0) >= adopted.version ? undefined : ({ ...present, [name]: adopted } as Facts),
  );
}
