import type { Key, Records } from './port.js';

type Updated<Value> = Pick<Records<Value>, 'get' | 'create' | 'replace'>;

/**
 * Changes a record by what it is, again until nobody has come between. `change` gives undefined: it stays as it is. Answers
 * with what was written.
 */
export async function updateRecord<Value>(
  records: Updated<Value>,
  key: Key,
  change: (present: Value | undefined) => Value | undefined,
): Promise<Value | undefined> {
  for (;;) {
    const present = await records.get(key);
    const changed = change(present);
    if (changed === undefined) return undefined;
    const written =
      present === undefined ? await records.create(key, changed) : await records.replace(key, present, changed);
    if (written) return changed;
  }
}

/** All records in key order, read a page at a time; those that are deleted meanwhile are passed over. */
export async function* allRecords<Value>(
  records: Pick<Records<Value>, 'list'>,
  { page, ...range }: { page: number; prefix?: Key; after?: Key },
): AsyncGenerator<{ readonly key: Key; readonly value: Value }> {
  let after = range.after;
  for (;;) {
    const found = await records.list({ ...range, ...(after && { after }), limit: page });
    yield* found;
    after = found.at(-1)?.key;
    if (found.length < page) return;
  }
}
