import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import type { Commit } from '#libs/engine/src/port.js';
import { canonical } from '#test/support/events.js';
import { storeOf } from './data.js';

type Form = Omit<RecordedEvent, 'hash'>;
/** What becomes of an event: another one, or none. */
export type Change = (form: Form, stream: string) => Form | null;

/**
 * Writes the log of two-factor anew as one would who can write to the disk and knows the format: events are changed or left
 * out, and every version and hash after them is computed again, so that the log agrees with itself.
 */
export async function rewriteLog(dataDir: string, change: Change): Promise<void> {
  const folder = mkdtempSync(join(dataDir, 'rewritten-'));
  const old = await openEmbeddedEngine({ path: join(dataDir, 'two-factor'), name: 'two-factor', readOnly: true });
  const anew = await openEmbeddedEngine({ path: folder, name: 'two-factor' });
  const heads = new Map<string, { version: number; hash: string }>();
  for (let after = 0; ;) {
    const items = await old.log.feed.read(after, 500);
    const last = items.at(-1);
    if (!last) break;
    after = last.position;
    for (const { commit } of items) {
      const head = heads.get(commit.stream) ?? { version: 0, hash: '0'.repeat(64) };
      const rewritten = rewrite(commit, head, change);
      if (rewritten.events.length === 0) continue;
      await anew.log.append(rewritten);
      const { hash } = rewritten.events.at(-1)!;
      heads.set(commit.stream, { version: head.version + rewritten.events.length, hash });
    }
  }
  await Promise.all([old.close(), anew.close()]);
  renameSync(join(folder, 'two-factor.mdb'), storeOf(dataDir, 'two-factor'));
  rmSync(folder, { recursive: true });
}

function rewrite(commit: Commit, head: { version: number; hash: string }, change: Change): Commit {
  let { version, hash: previousHash } = head;
  const events = commit.events.flatMap(({ name, body }) => {
    const form = change(JSON.parse(body) as Form, commit.stream);
    if (form === null) return [];
    const text = canonical({ ...form, streamVersion: (version += 1), previousHash });
    previousHash = createHash('sha256').update(text).digest('hex');
    return [{ name, body: text, hash: previousHash }];
  });
  return { ...commit, version: head.version + 1, events };
}
