import { allEndpoints, callOf, sampleOf } from '#test/support/calls/samples.js';
import type { Api } from '#test/support/calls/client.js';
import { newAddress } from '#test/support/calls/http.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
let gateway: Api;
let token: string;
beforeAll(async () => {
  gateway = await portal.service('challenges', 'commands', 'events');
  token = (await portal.serviceToken('events')).id;
});

/** Each is short in one measure and long in another: characters, what they normalize or fold to, bytes, what a store's encoding makes of them. */
const texts = [
  ...['a', '‼', '\ufdfa', '€', '😀', ' ', '!', '\u0000', '\ud800', '\ud7ff', '\u0390', 'ŉ', '\u202e'].map((text) =>
    text.repeat(512),
  ),
  ...['‼', '\ufdfa', '😀', '\ud800', '!'].map((text) => text.repeat(100)),
  'a'.repeat(60_000),
  '../'.repeat(40),
  '%00',
  '__proto__',
];

/** Every copy of a body in which one of its texts is another. */
function* replaced(value: unknown, text: string): Generator<unknown> {
  if (typeof value === 'string') yield text;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    for (const other of replaced(inner, text)) {
      yield Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other };
    }
  }
}

const queries = ['after', 'query', 'type', 'account', 'from', 'limit', 'format'];
const inUrl = (text: string): string => encodeURIComponent(Buffer.from(text.slice(0, 2_000), 'utf8').toString());

describe('a text in any place of any call', () => {
  const ending = allEndpoints.filter(({ produces }) => !produces?.includes('text/event-stream'));

  it.each(ending.map((endpoint) => [callOf(endpoint), endpoint] as const))(
    'is taken or refused, and never a fault: %s',
    async (_, endpoint) => {
      const account = (await portal.register()).id;
      const { method, path, body } = sampleOf(endpoint, { portal: portal.id, account, token });
      const plain = path.split('?')[0]!;
      const requests = texts.flatMap((text): [string, unknown][] => [
        ...[...replaced(body, text)].map((other): [string, unknown] => [path, other]),
        ...queries.map((name): [string, unknown] => [`${plain}?${name}=${inUrl(text)}`, body]),
        ...[portal.id, account, token]
          .filter((id) => path.includes(id))
          .map((id): [string, unknown] => [path.replace(id, inUrl(text)), body]),
      ]);
      // Logging out, changing the password: done by somebody who is needed no more.
      const person = await portal.contributor();
      const api = endpoint.allow.includes('public')
        ? stack.api
        : endpoint.allow.includes('session')
          ? person.api
          : endpoint.allow.includes('administrator')
            ? portal.api
            : endpoint.allow.includes('operator')
              ? stack.operator
              : gateway;
      // one address: what is let in to a password check is little
      const caller = api.from(newAddress());
      const faults = [];
      for (const [target, sent] of requests) {
        const { status, text } = await caller.raw(method, target, sent);
        if (status >= 500) faults.push([method, target.slice(0, 200), JSON.stringify(sent)?.slice(0, 200), text]);
      }
      expect(faults).toEqual([]);
    },
    60_000,
  );
});
