import fc from 'fast-check';
import type { Person } from '#libs/contracts/src/events/identity.js';
import { foldUsername } from '#libs/contracts/src/text/fold.js';
import { DirectoryIndex, type PageQuery } from './directory-index.js';

const portal = 'demo';
const bare = (name: string) =>
  foldUsername(name)
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '');
const ids = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
const text = fc.constantFrom('Ana', 'ana', 'Bob', 'Émile', 'emile', 'Zoë', 'zo', 'Łucja', 'an', '李');
const id = fc.constantFrom(...ids);
const person = fc.record(
  { username: text, displayName: text, email: text },
  { requiredKeys: ['username'] },
) as fc.Arbitrary<Person>;
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ put: id, version: fc.integer({ min: 1, max: 9 }), person }) },
  { weight: 1, arbitrary: fc.record({ delete: id }) },
  { weight: 1, arbitrary: fc.record({ query: text }) },
);

describe('the index of the directory', () => {
  it('lists what was put last and not deleted, by name, whatever came in between and page by page', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), text, fc.integer({ min: 1, max: 4 }), (steps, query, limit) => {
        const index = new DirectoryIndex();
        const model = new Map<string, { version: number; person: Person }>();
        for (const each of steps) {
          if ('put' in each) {
            index.put(portal, each.put, each.version, each.person);
            if ((model.get(each.put)?.version ?? 0) < each.version) model.set(each.put, each);
          } else if ('delete' in each) {
            index.delete(portal, each.delete);
            model.delete(each.delete);
          } else {
            index.list(portal, { query: each.query, limit });
          }
        }
        const inOrder = [...model].sort(([a, one], [b, other]) =>
          compare(sortedBy(one.person, a), sortedBy(other.person, b)),
        );
        const found = inOrder.filter(
          ([
            ,
            {
              person: { username, displayName = '', email = '' },
            },
          ]) => [username, displayName, email].some((each) => bare(each).includes(bare(query))),
        );
        expect(all(index, { limit })).toEqual(inOrder.map(([key]) => key));
        expect(all(index, { limit, query })).toEqual(found.map(([key]) => key));
        expect(all(index, { limit, ids: ['a1', 'a3', 'a3', 'a9'] })).toEqual(
          inOrder.map(([key]) => key).filter((key) => key === 'a1' || key === 'a3'),
        );
      }),
      { numRuns: 500 },
    );
  });

  it.each(['lopez', 'LÓPEZ', 'lópez', 'Lopez'])('finds López by %s', (query) => {
    const index = new DirectoryIndex();
    index.put(portal, 'a1', 1, { username: 'ana', displayName: 'Ana López' });
    index.put(portal, 'a2', 1, { username: 'lope' });
    expect(all(index, { limit: 9, query })).toEqual(['a1']);
  });

  it('knows nothing of other portals, and goes on from no account that it does not have', () => {
    const index = new DirectoryIndex();
    index.put('other', 'a1', 1, { username: 'ana' });
    index.delete(portal, 'a1');
    expect(index.list(portal, { limit: 9 })).toEqual({ entries: [], more: false });
    expect(index.list(portal, { limit: 9, after: 'a1' })).toBeNull();
    expect(index.list('other', { limit: 9 })).toEqual({ entries: ['a1'], more: false });
  });
});

function all(index: DirectoryIndex, page: PageQuery): string[] {
  const listed: string[] = [];
  for (;;) {
    const { entries, more } = index.list(portal, { ...page, after: listed.at(-1) })!;
    listed.push(...entries);
    if (!more) return listed;
  }
}

const sortedBy = ({ username, displayName = '', email = '' }: Person, accountId: string) =>
  [username, displayName, email].map(foldUsername).concat(accountId).join('\n');
const compare = (a: string, b: string) => (a < b ? -1 : 1);
