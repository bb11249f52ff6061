import { usageError } from '../command/exit.js';
import type { Options } from '../command/leaf.js';
import { say, table, tell } from '../command/output.js';

type Page<Member extends string, Item> = { readonly next: string | null } & Readonly<Record<Member, readonly Item[]>>;

/** The items of a page, or of all pages; as JSON they are one answer like the call's. */
export async function answerList<Member extends string, Item>(
  options: Options,
  page: (query: Readonly<Record<string, unknown>>) => Promise<Page<Member, Item>>,
  member: Member,
  columns: Readonly<Record<string, (item: Item) => unknown>>,
): Promise<void> {
  const { items, next } = await listed(options, page, member);
  if (options.json === true) return say(JSON.stringify({ [member]: items, next }));
  if (items.length === 0) return tell('None.');
  say(
    table(
      Object.keys(columns),
      items.map((item) => Object.values(columns).map((column) => column(item))),
    ),
  );
  if (next !== null) tell(`There are more: --after ${next}, or --all.`);
}

async function listed<Member extends string, Item>(
  { limit, after, all }: Options,
  page: (query: Readonly<Record<string, unknown>>) => Promise<Page<Member, Item>>,
  member: Member,
): Promise<{ items: readonly Item[]; next: string | null }> {
  if (all === true && (limit ?? after) !== undefined) throw usageError('--all goes without --limit and --after');
  if (all !== true) {
    const { [member]: items, next } = await page({ limit, after });
    return { items, next };
  }
  const items: Item[] = [];
  for (let from: string | undefined; ;) {
    const { [member]: some, next } = await page({ limit: 200, after: from });
    items.push(...some);
    if (next === null) return { items, next };
    from = next;
  }
}
