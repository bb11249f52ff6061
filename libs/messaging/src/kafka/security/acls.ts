import { type SourceApp } from '#libs/contracts/src/events/event.js';
import { isSource, sourceApps } from '#libs/contracts/src/events/events.js';
import { type AppName, appNames } from '#libs/contracts/src/http/endpoint.js';
import { requestContracts } from '../../answering.js';
import { commandReplies, Topics } from '../cluster/topics.js';

/** What one principal may do with topics or groups: those of that name, or that begin with it. */
export interface Acl {
  readonly principal: string;
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly prefixed: boolean;
  readonly operations: readonly ('Create' | 'Describe' | 'Read' | 'Write' | 'Delete')[];
}

/**
 * Tokens are proved by identity and admin-policy; these two decide with two-factor. identity has links mailed. audit opens what is
 * personal in events, of whichever app. admin-policy tells the operator how all of them are.
 */
const asks: Readonly<Record<AppName, readonly AppName[]>> = {
  identity: ['identity', 'admin-policy', 'two-factor', 'notify'],
  'two-factor': ['identity', 'admin-policy'],
  'admin-policy': ['identity', 'admin-policy', 'two-factor', 'audit', 'openid', 'notify'],
  audit: ['identity', 'admin-policy', 'two-factor'],
  openid: ['identity', 'admin-policy', 'two-factor'],
  // who somebody is, and where an act came from
  notify: ['identity', 'two-factor'],
};

const answers = (app: AppName): boolean => [...requestContracts.values()].some((contract) => contract.app === app);

/**
 * The least that each app needs, under a principal of its name, and the operator's tools under `tools`.
 * @param follows whose events each app handles
 */
export function aclsOf(prefix: string, follows: (app: AppName) => readonly SourceApp[]): Acl[] {
  const topics = new Topics({ prefix, partitions: 1, replication: 1 });
  return [...appNames.flatMap((app) => ofApp(app, topics, prefix, follows(app))), ...ofTools(topics, prefix)];
}

function ofApp(app: AppName, topics: Topics, prefix: string, follows: readonly SourceApp[]): Acl[] {
  const acls = new Map<string, Acl>();
  const allow = (topic: string, ...operations: Acl['operations']) => {
    const present = acls.get(topic)?.operations ?? [];
    const all = [...new Set([...present, ...operations])];
    acls.set(topic, { principal: app, resource: 'topic', name: topic, prefixed: false, operations: all });
  };
  if (isSource(app)) allow(topics.events(app), 'Create', 'Write');
  allow(topics.requests(app), 'Create', answers(app) ? 'Read' : 'Describe');
  // other instances are told there of what was appended
  allow(topics.replies(app), 'Create', 'Read', 'Write');
  allow(topics.deadLetters(app), 'Create', 'Write');
  for (const source of follows) allow(topics.events(source), 'Read');
  for (const asked of asks[app]) allow(topics.requests(asked), 'Write');
  for (const asker of appNames.filter((one) => asks[one].includes(app))) allow(topics.replies(asker), 'Write');
  const own = [...acls.values()];
  if (app === 'two-factor') {
    const operations = ['Create', 'Read'] as const;
    own.push({ principal: app, resource: 'topic', name: topics.commands(app), prefixed: false, operations });
    own.push({
      principal: app,
      resource: 'topic',
      name: commandReplies(prefix),
      prefixed: true,
      operations: ['Write'],
    });
  }
  const groups = { principal: app, resource: 'group', name: topics.group(app, ''), prefixed: true } as const;
  return [...own, { ...groups, operations: ['Read', 'Delete'] }];
}

/** `npm run dead-letters` reads an event and sends it again. */
function ofTools(topics: Topics, prefix: string): Acl[] {
  const events = sourceApps.map((app): Acl => ({
    principal: 'tools',
    resource: 'topic',
    name: topics.events(app),
    prefixed: false,
    operations: ['Read', 'Write'],
  }));
  const groups: Acl = {
    principal: 'tools',
    resource: 'group',
    name: `${prefix}.`,
    prefixed: true,
    operations: ['Read', 'Delete'],
  };
  return [...events, groups];
}

/** As a line for a shell, of Kafka's own tool. */
export function commandOf({ principal, resource, name, prefixed, operations }: Acl): string {
  return [
    '"$KAFKA_ACLS" --bootstrap-server "$BOOTSTRAP_SERVER" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"}',
    `--add --allow-principal 'User:${principal}'`,
    ...operations.map((operation) => `--operation ${operation}`),
    `--${resource} '${name}'`,
    ...(prefixed ? ['--resource-pattern-type prefixed'] : []),
  ].join(' ');
}
