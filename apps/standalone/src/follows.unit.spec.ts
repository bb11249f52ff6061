import { aclsOf, commandOf } from '#libs/messaging/src/kafka/security/acls.js';
import { follows } from './follows.js';

const acls = aclsOf('twinlock', follows);
const of = (principal: string, operation: string) =>
  acls
    .filter((acl) => acl.principal === principal && acl.resource === 'topic')
    .filter(({ operations }) => operations.some((one) => one === operation))
    .map(({ name, prefixed }) => name.replace('twinlock.', '') + (prefixed ? '*' : ''))
    .sort();

describe('the topics of each app', () => {
  it('are read by who handles what stands in them', () => {
    expect(of('identity', 'Read')).toEqual(
      ['admin-policy.events', 'identity.replies', 'identity.requests', 'two-factor.events'].sort(),
    );
    expect(of('two-factor', 'Read')).toEqual(
      [
        'admin-policy.events',
        'identity.events',
        'two-factor.commands',
        'two-factor.replies',
        'two-factor.requests',
      ].sort(),
    );
    expect(of('admin-policy', 'Read')).toEqual(
      ['admin-policy.replies', 'admin-policy.requests', 'identity.events'].sort(),
    );
    expect(of('audit', 'Read')).toEqual(
      ['admin-policy.events', 'audit.replies', 'audit.requests', 'identity.events', 'two-factor.events'].sort(),
    );
    expect(of('notify', 'Read')).toEqual(
      ['admin-policy.events', 'identity.events', 'notify.replies', 'notify.requests', 'two-factor.events'].sort(),
    );
  });

  it('of events are written by their owner and the tools alone', () => {
    for (const app of ['identity', 'two-factor', 'admin-policy']) {
      const writers = acls
        .filter(({ name, operations }) => name === `twinlock.${app}.events` && operations.includes('Write'))
        .map(({ principal }) => principal);
      expect(writers).toEqual([app, 'tools']);
    }
    expect(of('audit', 'Write')).not.toContain(expect.stringContaining('events'));
  });

  it('of requests are written by who asks: what is personal in events is asked of the app that has the keys', () => {
    const asked = (app: string) => of(app, 'Write').filter((name) => name.endsWith('.requests'));
    expect(asked('audit')).toEqual(['admin-policy.requests', 'identity.requests', 'two-factor.requests']);
    expect(asked('notify')).toEqual(['identity.requests', 'two-factor.requests']);
    // for the operator, of all of them
    expect(asked('admin-policy')).toEqual(
      ['identity', 'two-factor', 'admin-policy', 'audit', 'openid', 'notify'].map((app) => `${app}.requests`).sort(),
    );
    expect(of('identity', 'Write')).toContain('notify.requests');
    expect(of('notify', 'Write')).toContain('identity.replies');
  });

  it('of commands are written by no app, and answered by two-factor alone', () => {
    const writers = (name: string) =>
      acls.filter((acl) => acl.name === name && acl.operations.includes('Write')).map(({ principal }) => principal);
    expect(writers('twinlock.two-factor.commands')).toEqual([]);
    expect(writers('twinlock.command-replies.')).toEqual(['two-factor']);
  });

  it('and groups become lines for a shell', () => {
    const lines = acls.map(commandOf);
    const tool =
      '"$KAFKA_ACLS" --bootstrap-server "$BOOTSTRAP_SERVER" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"}';
    expect(lines).toContain(
      `${tool} --add --allow-principal 'User:two-factor' --operation Create --operation Read --topic 'twinlock.two-factor.commands'`,
    );
    expect(lines).toContain(
      `${tool} --add --allow-principal 'User:audit' --operation Read --operation Delete --group 'twinlock.audit.' --resource-pattern-type prefixed`,
    );
  });
});
