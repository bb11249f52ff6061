import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import { identityEvents } from '#libs/contracts/src/events/identity.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { anEvent } from '#libs/contracts/src/testing/events.js';
import { activitiesOf, mappings } from './mapping.js';
import { toOcsf } from './ocsf.js';

const contracts = { ...identityEvents, ...twoFactorEvents, ...adminPolicyEvents };
const rows = Object.entries(contracts).map(([name, { type }]) => {
  const { status = 'Success', severity = 'Informational', ...mapping } = mappings[name as keyof typeof mappings];
  const activities = activitiesOf(mapping as never).map((activity) => activity.split(': '));
  const told = activities.map(([, activity]) => activity).join(', ');
  return [`\`${type}\``, activities[0]![0], told, status, severity];
});

it('the page for those who run a SIEM has the table of what becomes of each event', () => {
  const page = readFileSync('docs/integrate/siem.md', 'utf8');
  const lines = page.split('\n').filter((line) => /^\| `[a-z-]+\.[a-z-]+\.v\d/.test(line));
  const table = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(table).toEqual(rows);
});

it('the configuration there reads what the program writes, and hands on what is OCSF', () => {
  const page = readFileSync('docs/integrate/siem.md', 'utf8');
  const [, text = ''] = /^```yaml\n(.*?)^```$/ms.exec(page)!;
  const { sources, transforms, sinks } = parse(text) as Record<
    string,
    Record<string, { inputs?: string[]; include?: string[] }>
  >;
  expect(page).toMatch(/siem\.js \/var\/log\/twinlock\/\S+\.ndjson\n/);
  expect(sources!.twinlock_files!.include).toEqual(['/var/log/twinlock/*.ndjson']);
  const places = [...Object.keys(sources!), ...Object.keys(transforms!)];
  const inputs = [...Object.values(transforms!), ...Object.values(sinks!)].flatMap(({ inputs = [] }) => inputs);
  expect(inputs.sort()).toEqual(places.sort());
});

describe('an event in OCSF', () => {
  const failed = anEvent({
    account: 'a1',
    actor: { kind: 'anonymous' },
    data: { purpose: 'login', method: 'totp', reason: 'wrong', failedAttempts: 2, maxFailedAttempts: 5 },
  });

  it('says what happened, to whom and from where', () => {
    const plain = {
      person: { username: 'alice', displayName: 'Alice', externalId: 'u-1' },
      origin: { address: '192.0.2.7', userAgent: 'Mozilla/5.0' },
    };
    const { context, ...event } = failed;
    expect(toOcsf({ ...event, context, plain })).toMatchObject({
      type_name: 'Authentication: Logon',
      type_uid: 300201,
      status: 'Failure',
      status_detail: 'wrong-code',
      user: { uid: 'a1', name: 'alice', display_name: 'Alice', uid_alt: 'u-1' },
      src_endpoint: { ip: '192.0.2.7' },
      http_request: { user_agent: 'Mozilla/5.0' },
      metadata: { uid: 'e1', correlation_uid: context.correlationId, tenant_uid: 'demo', sequence: 1 },
      unmapped: { data: event.data, hash: event.hash },
    });
  });

  it('names nobody without what was opened, and nobody who did not act', () => {
    const event = toOcsf(failed);
    expect(event.user).toEqual({ uid: 'a1', type_id: 1, type: 'User' });
    expect(event).not.toHaveProperty('actor');
    expect(event).not.toHaveProperty('src_endpoint');
  });

  it('is another activity where its data says so', () => {
    const activityOf = (purpose: string) => toOcsf({ ...failed, data: { ...failed.data, purpose } }).activity_name;
    expect([activityOf('login'), activityOf('gateway'), activityOf('proof')]).toEqual(['Logon', 'Logon', 'Other']);
  });

  it('of a type that this release does not know is told all the same', () => {
    const event = toOcsf(anEvent({ type: 'two-factor.something-new.v1', data: { what: 'new' } }));
    expect(event).toMatchObject({ type_uid: 300499, unmapped: { data: { what: 'new' } } });
  });
});
