import { createHash } from 'node:crypto';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { canonical } from '#test/support/events.js';
import { type FiledCommit, lookInto, type StoreFile } from '#test/support/stored/store-file.js';

type Form = Omit<RecordedEvent, 'hash'>;
/** What becomes of an event: another one, or none. */
export type Change = (form: Form, stream: string) => Form | null;
interface Head {
  readonly version: number;
  readonly hash: string;
}

/**
 * Writes the log of two-factor anew as one would who can write to the disk and knows the format: events are changed or left
 * out, and every version and hash after them is computed again, so that the log agrees with itself.
 */
export async function rewriteLog(dataDir: string, change: Change): Promise<void> {
  const rewriting = async (store: StoreFile) => {
    const heads = new Map<string, Head>();
    const commits = store.commits().flatMap((commit) => {
      const head = heads.get(commit.stream) ?? { version: 0, hash: '0'.repeat(64) };
      const rewritten = rewrite(commit, head, change);
      const last = rewritten.events.at(-1);
      if (!last) return [];
      heads.set(commit.stream, { version: head.version + rewritten.events.length, hash: last.hash });
      return [rewritten];
    });
    await store.rewrite(commits);
  };
  await lookInto(dataDir, 'two-factor', rewriting, { writing: true });
}

function rewrite(commit: FiledCommit, head: Head, change: Change): FiledCommit {
  let { version, hash: previousHash } = head;
  const [stream, , commitId, at, metadata, names] = commit.header;
  const kept: string[] = [];
  const events = commit.events.flatMap(({ body }, i) => {
    const form = change(JSON.parse(body) as Form, stream);
    if (form === null) return [];
    kept.push(names[i] ?? '');
    const text = canonical({ ...form, streamVersion: (version += 1), previousHash });
    previousHash = createHash('sha256').update(text).digest('hex');
    return [{ body: text, hash: previousHash }];
  });
  return { ...commit, header: [stream, head.version + 1, commitId, at, metadata, kept], events };
}
