import { type Answer, newAddress } from '#test/support/calls/http.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);

const password = 'correct horse battery staple';
const register = (username: string, more: object = {}) =>
  portal.api.register(portal.id, { username, password, type: 'contributor', ...more });
const logIn = (username: string, typed = password, address = newAddress()) =>
  stack.api.from(address).login({ portal: portal.id, username, password: typed });
const fieldsOf = (problem: ReturnType<Answer<unknown>['refused']>) =>
  (problem.errors as { field: string }[]).map(({ field }) => field);

const hidden: [string, string][] = [
  ['NUL', 'al\u0000ice'],
  ['a line end', 'al\nice'],
  ['an escape', 'al\u001b[31mice'],
  ['a line separator', 'al\u2028ice'],
  ['an override', 'al\u202eice'],
  ['an isolate', 'al\u2067ice'],
  ['a mark of direction', 'al\u200fice'],
  ['a space without width', 'al\u200bice'],
  ['a joiner', 'al\u200dice'],
  ['a soft hyphen', 'al\u00adice'],
  ['a filler', 'al\u3164ice'],
  ['a tag', 'al\u{e0061}ice'],
  ['a variation selector', 'al\ufe0fice'],
  ['a byte order mark', 'al\ufeffice'],
  ['half a surrogate pair', 'al\ud800ice'],
  ['a noncharacter', 'al\ufdd0ice'],
];

describe('what people read', () => {
  it.each(hidden)('R50 holds not %s', async (_, text) => {
    expect(fieldsOf((await register(text)).refused('malformed-request'))).toEqual(['username']);
    const named = await register(`n-${newAddress()}`, { displayName: text });
    expect(fieldsOf(named.refused('malformed-request'))).toEqual(['displayName']);
    const renamed = await portal.api.changeAccount(portal.id, portal.admin.id, { displayName: text });
    expect(fieldsOf(renamed.refused('malformed-request'))).toEqual(['displayName']);
    const tool = await stack.operator.issueServiceToken(portal.id, { name: text, scopes: ['events'] });
    expect(fieldsOf(tool.refused('malformed-request'))).toEqual(['name']);
    const admin = { username: text, password };
    const made = await stack.operator.createPortal({ id: `p-${newAddress().replaceAll('.', '-')}`, admin });
    expect(fieldsOf(made.refused('malformed-request'))).toEqual(['admin.username']);
  });

  it.each(['می\u200cخواهم', 'क्\u200dष', "Zoë O'Hara-Nuñez", '山田 太郎', 'مريم', 'שרה', '𐐔𐐇𐐝', 'Anna 🙂'])(
    'R50 may be the display name %s',
    async (displayName) => {
      const { id } = (await register(`n-${newAddress()}`, { displayName })).success();
      expect((await portal.api.account(portal.id, id)).success()).toMatchObject({ displayName });
    },
  );
});

describe('usernames', () => {
  it.each([
    ['straße', 'STRAẞE'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['ﬃce', 'OFFICE'.slice(1)],
    ['ꮳꮃꭹ', 'ᏣᎳᎩ'],
    ['ｍａｘ', 'Max'],
    ['Ångström', 'A\u030angstro\u0308m'.toUpperCase()],
  ])('R50 %s and %s are one name', async (name, other) => {
    (await register(name)).success();
    (await register(other)).refused('username-taken');
    (await logIn(other)).success();
  });

  it('R50 ilgaz and ılgaz are two', async () => {
    const [one, other] = [(await register('ilgaz')).success().id, (await register('ılgaz')).success().id];
    for (const [username, id] of [
      ['ILGAZ', one],
      ['ılgaz', other],
    ] as const) {
      const reply = (await logIn(username)).success();
      if (reply.status !== 'complete') throw new Error('no code was to be asked for');
      expect((await stack.api.as(reply.accessToken).me()).success().id).toBe(id);
    }
  });

  it('R50 have at most 128 characters, however many bytes those are, and are then listed page after page', async () => {
    const names = ['𝒜', '‼', 'ﷺ', '😀'].map((character) => character.repeat(128));
    const taken = await Promise.all(names.map((name) => register(name)));
    expect(taken.map(({ code }) => code)).toEqual([null, 'malformed-request', 'malformed-request', null]);
    (await register('‼'.repeat(64))).success();
    for (const name of ['𝒜'.repeat(128), '😀'.repeat(128), '!'.repeat(128)]) (await logIn(name)).success();
    for (let after: string | undefined; ;) {
      const page = (await portal.api.accounts(portal.id, { limit: 1, after })).success();
      if (page.next === null) break;
      after = page.next;
    }
  });
});

describe('texts that nothing is called', () => {
  const texts = ['‼', '😀', '\ufdfa', ' ', '"', '\ud800', '\u0000', 'ŉ', '\u0390'].map((text) => text.repeat(512));

  it('R50 are wrong at login like any other, and wait like any other', async () => {
    const address = newAddress();
    const [first, ...others] = texts as [string, ...string[]];
    for (let i = 0; i < 5; i += 1) (await logIn(first, password, address)).refused('invalid-credentials');
    (await logIn(first, password, address)).refused('too-many-attempts');
    for (const username of others) (await logIn(username)).refused('invalid-credentials');
  });

  it.each(texts)('R50 %# begin no page', async (after) => {
    const pages = [
      portal.api.accounts(portal.id, { after }),
      portal.api.events(portal.id, { after }),
      stack.operator.portals({ after }),
    ];
    for (const page of await Promise.all(pages)) {
      expect(fieldsOf(page.refused('malformed-request'))).toEqual(['after']);
    }
  });
});
