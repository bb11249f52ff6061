import { usePortal, useStack } from '#test/support/use-stack.js';

/** A client at 203.0.113.27, as a proxy may write it: with another port each time, and in every form. */
const port = (i: number) => 40_000 + i;
const forms: ((i: number) => string)[] = [
  (i) => `203.0.113.27:${port(i)}`,
  () => '203.0.113.27',
  (i) => `[::ffff:203.0.113.27]:${port(i)}`,
  () => '::FFFF:cb00:711b',
  () => '64:ff9b::203.0.113.27',
  () => '::203.0.113.27',
  (i) => `2002:cb00:711b:${i.toString(16)}::1`,
];
const quoted = forms.map((form) => (i: number) => `"${form(i)}"`);
/** Whoever hides is the proxy: one client, however they hide. */
const hidden: ((i: number) => string)[] = [
  () => 'unknown',
  (i) => `_hidden${i}`,
  (i) => `"_hidden:${i}"`,
  (i) => `203.0.113.${300 + i}`,
  (i) => `nonsense ${i}`,
  () => '',
];
/** Of one /64. */
const sixes: ((i: number) => string)[] = [
  (i) => `2001:db8:1:2::${i.toString(16)}`,
  (i) => `[2001:DB8:1:2:${i.toString(16)}::9]:${port(i)}`,
  (i) => `2001:0db8:0001:0002::${i}%eth0`,
];

const written = {
  'X-Forwarded-For': (node: string) => node,
  Forwarded: (node: string) => `for=${quote(node)};proto=https`,
};
const quote = (node: string): string => (node.startsWith('"') ? node : `"${node}"`);

describe.each(Object.entries(written))('a client behind a proxy that writes %s', (header, write) => {
  const stack = useStack({ env: { TRUST_PROXY: '127.0.0.1', TRUST_PROXY_HEADER: header.toLowerCase() } });
  const portal = usePortal(stack);

  const codes = async (nodes: readonly ((i: number) => string)[]) => {
    const { credentials } = await portal.register();
    const body = { portal: portal.id, ...credentials, password: 'not the password' };
    const answers = [];
    for (let i = 0; i < 3 * nodes.length; i += 1) {
      const node = write(nodes[i % nodes.length]!(i));
      // what the client claimed itself comes before
      const said = i % 2 === 0 ? node : `${write(`198.51.100.${i}`)}, ${node}`;
      const { text } = await stack.api.raw('POST', '/v1/login', body, { [header]: said });
      answers.push((JSON.parse(text) as { code: string }).code);
    }
    return answers;
  };

  it.each([
    ['in every form', [...forms, ...quoted]],
    ['that hides', hidden],
    ['with an IPv6 network of its own', sixes],
  ])('R15 %s gets five wrong passwords looked at, not one more', async (_, nodes) => {
    const answers = await codes(nodes);
    expect(answers.slice(0, 5)).toEqual(Array(5).fill('invalid-credentials'));
    expect(new Set(answers.slice(5))).toEqual(new Set(['too-many-attempts']));
  });

  it('R15 is another one than its neighbour', async () => {
    const { credentials } = await portal.register();
    for (let i = 0; i < 8; i += 1) {
      const body = { portal: portal.id, ...credentials, password: 'not the password' };
      const { status } = await stack.api.raw('POST', '/v1/login', body, { [header]: write(`203.0.113.${i}`) });
      expect(status).toBe(401);
    }
  });

  it('says nothing by the header that the proxy does not write', async () => {
    const other = header === 'Forwarded' ? 'X-Forwarded-For' : 'Forwarded';
    const { credentials } = await portal.register();
    const body = { portal: portal.id, ...credentials, password: 'not the password' };
    const statuses = [];
    for (let i = 0; i < 7; i += 1) {
      const headers = { [other]: `for=203.0.113.${i}`, 'X-Real-IP': `203.0.113.${i}`, 'Client-IP': `203.0.113.${i}` };
      statuses.push((await stack.api.raw('POST', '/v1/login', body, headers)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });
});
