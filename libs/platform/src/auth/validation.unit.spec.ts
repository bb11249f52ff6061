import { z } from 'zod';
import { endpoint } from '#libs/contracts/src/http/endpoint.js';
import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { type Problem } from '#libs/contracts/src/problems.js';
import { checkedInput, malformed } from './validation.js';

const example = endpoint('identity', 'example', 'POST /v1/examples/:id', {
  summary: 'An example.',
  allow: ['public'],
  params: z.strictObject({ id: z.string().max(3) }),
  query: z.strictObject({ limit: z.coerce.number().int().optional() }),
  body: z.strictObject({ name: z.string().max(5), tags: z.array(z.strictObject({ key: z.string() })).optional() }),
  reply: z.strictObject({}),
});

const caller = { kind: 'anonymous' } as const;
const context = aContext();
function checked(request: { params?: unknown; query?: unknown; body?: unknown }) {
  const whole = {
    params: { id: 'a1' },
    query: {},
    headers: {},
    body: { name: 'Alice' },
    address: '192.0.2.7',
    ...request,
  };
  return checkedInput(example, whole, caller, context);
}
function errorsOf(request: Parameters<typeof checked>[0]) {
  try {
    checked(request);
  } catch (error) {
    expect(error).toMatchObject({ code: 'malformed-request' });
    return (error as Problem).extras.errors;
  }
  throw new Error('it was taken');
}

it('a request is handed on as its contract has it', () => {
  expect(checked({ query: { limit: '20' } })).toEqual({
    params: { id: 'a1' },
    query: { limit: 20 },
    headers: {},
    body: { name: 'Alice' },
    caller,
    address: '192.0.2.7',
    host: '',
    context,
  });
});

it('each field that is wrong is named with the reason, wherever it is, and no value is told', () => {
  const errors = errorsOf({
    params: { id: 'secret' },
    query: { limit: 'secret' },
    body: { name: 'secret', tags: [{ key: 'a' }, { key: 1 }] },
  });
  expect(errors?.map(({ field }) => field)).toEqual(['id', 'limit', 'name', 'tags.1.key']);
  expect(JSON.stringify(errors)).not.toContain('secret');
});

it.each([
  ['username', 'username'],
  ['ssoSubject-2_x', 'ssoSubject-2_x'],
  ['a'.repeat(40), 'a'.repeat(40)],
  ['7', '7'],
  ['1234', '1234'],
])('R30 a name of the usual form is told: %s', (name, told) => {
  expect(errorsOf({ body: { name: 'Alice', [name]: 1 } })).toEqual([{ field: told, message: 'is not a known field' }]);
});

it.each([
  'correct horse battery staple',
  'hunter2!',
  'a'.repeat(41),
  '4711-secret',
  'x\n',
  'x y',
  '12345',
  '123456',
  '1234x',
  'x1234 ',
  ' name',
  '_name',
  '-1',
  '',
  'é',
])('R30 a name that may be a secret, sent in the wrong place, is not: %j', (name) => {
  expect(errorsOf({ body: { name: 'Alice', [name]: 1 } })).toEqual([
    { field: '(unnamed)', message: 'is not a known field' },
  ]);
  expect(errorsOf({ body: { name: 'Alice', tags: [{ key: 'a', [name]: 1 }] } })).toEqual([
    { field: 'tags.0.(unnamed)', message: 'is not a known field' },
  ]);
});

it('no more than twenty errors are told, however many there are', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 1]));
  expect(errorsOf({ body: { name: 'Alice', ...many } })).toHaveLength(20);
  const errors = Array.from({ length: 21 }, (_, index) => ({ field: String(index), message: 'is wrong' }));
  expect(malformed(errors).extras.errors).toEqual(errors.slice(0, 20));
});
