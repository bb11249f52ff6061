import type { RecordedEvent } from '#libs/contracts/src/events/event.js';

/** What events are looked up by. */
export type TermKind = 'correlation' | 'account' | 'actor' | 'type';

/** Where the hash of each kind begins. */
const kinds: Readonly<Record<TermKind, number>> = { correlation: 1, account: 2, actor: 3, type: 4 };

/** Characters at each end of a long id. */
const END = 8;

/**
 * One value of one kind as 31 bits. Others may have the same: what is found by it is looked at again. The account of events
 * that are of none is the empty one. FNV-1a over UTF-16, ended as MurmurHash3 ends so that each bit depends on all: it is done
 * for each event, and a call of a digest would cost ten times as much. Of a long id its ends are enough.
 */
export function term(kind: TermKind, value: string): number {
  let hash = 0x811c9dc5 ^ kinds[kind];
  const { length } = value;
  const skipped = kind === 'type' ? 0 : Math.max(0, length - 2 * END);
  for (let i = 0; i < length; i = i + 1 === END ? END + skipped : i + 1) {
    hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 1;
}

/** What arrived by the bus may be of any shape. */
type Unproved = Partial<RecordedEvent>;

const types = new Map<string, number>();
/** There are few of them. */
function termOfType(type: string): number {
  const known = types.get(type);
  if (known !== undefined) return known;
  const made = term('type', type);
  if (types.size < 1_000) types.set(type, made);
  return made;
}

/** All terms of an event, each once. */
export function termsOf(event: RecordedEvent): number[] {
  const { account, type, actor, context } = event as Unproved;
  const terms = [term('account', typeof account === 'string' ? account : '')];
  const add = (kind: TermKind, value: unknown) => typeof value === 'string' && terms.push(term(kind, value));
  if (typeof type === 'string') terms.push(termOfType(type));
  add('actor', actor?.id);
  add('correlation', context?.correlationId);
  return terms;
}
