import { randomBytes } from 'node:crypto';
import { ofType } from '#test/support/events.js';
import { foundInFiles, textAndHashes } from '#test/support/secrets.js';
import { PUBLIC_URL, useMailingStack } from '#test/support/servers/mail/use-mail.js';
import { usePortal } from '#test/support/use-stack.js';

const { stack, server } = await useMailingStack({ env: { LOG_LEVEL: 'trace' } });
const portal = usePortal(stack);

const DAY_SECONDS = 86_400;
const email = (name: string) => `${name}@acme.example`;
const link = (id: string) => portal.api.issuePasswordLink(portal.id, id);
const week = async () => {
  stack.clock.advance(7 * DAY_SECONDS + 60);
  await portal.admin.signIn();
};
const tokenIn = (text: string) => /https:\/\/portal\.example\/console\/password#(pwl_\S+)/.exec(text)?.[1] ?? '';

describe('a link by which a password is set, for an administrator', () => {
  it('R43 is mailed to the person, whose address is older than 7 days, and shown to nobody', async () => {
    const person = await portal.register({ email: email('alice') });
    const without = await portal.register();
    for (const { id } of [person, without]) (await link(id)).refused('no-mail');
    await week();
    (await link(without.id)).refused('no-mail');
    const answer = await link(person.id);
    expect(answer.success()).toEqual({ sent: true });
    const [{ mail, raw } = {} as never] = await server.mails(email('alice'), 'Set your password');
    const token = tokenIn(mail.text ?? '');
    expect(token).not.toBe('');
    expect(mail.html).toContain(`href="${PUBLIC_URL}/console/password#${token}"`);
    expect(raw).not.toContain(person.credentials.password);

    const password = `a new password ${randomBytes(6).toString('hex')}`;
    (await stack.api.redeemPasswordLink(token, password)).success();
    (await stack.api.redeemPasswordLink(token, password)).refused('invalid-credentials');
    const { username } = person.credentials;
    expect((await stack.api.login({ portal: portal.id, username, password })).success().status).toBe('complete');
    await server.mails(email('alice'), 'Your password was changed');

    const events = await portal.events('PasswordChanged', 1, { account: person.id });
    const [issued] = ofType(events, 'PasswordLinkIssued');
    expect(issued).toMatchObject({ actor: { kind: 'administrator', id: portal.admin.id }, data: { mailed: true } });
    expect(JSON.stringify(events) + stack.output()).not.toContain(token);
    const planted = textAndHashes('the link', token).slice(0, 1);
    expect(foundInFiles(planted, await stack.stored())).toEqual([]);
  });

  it('R43 goes to no address that was changed within the last 7 days', async () => {
    const person = await portal.register({ email: email('bob') });
    await week();
    (await portal.api.changeAccount(portal.id, person.id, { email: email('mallory') })).success();
    (await link(person.id)).refused('no-mail');
    (await portal.api.changeAccount(portal.id, person.id, { displayName: 'Bob' })).success();
    stack.clock.advance(6 * DAY_SECONDS);
    await portal.admin.signIn();
    (await link(person.id)).refused('no-mail');
    expect(server.to(email('mallory')).filter(({ raw }) => raw.includes('password#'))).toEqual([]);
    stack.clock.advance(DAY_SECONDS + 60);
    await portal.admin.signIn();
    (await link(person.id)).success();
  });

  it('R43 is refused while the mail server is away, or refuses the address, and works afterwards', async () => {
    const person = await portal.register({ email: email('carol') });
    await week();
    await server.close();
    (await link(person.id)).refused('unavailable');
    await server.open();
    server.does(email('carol'), 'refused');
    (await link(person.id)).refused('no-mail');
    server.does(email('carol'), 'as-ever');
    (await link(person.id)).success();
    const [{ mail } = {} as never] = await server.mails(email('carol'), 'Set your password');
    (await stack.api.redeemPasswordLink(tokenIn(mail.text ?? ''), 'a good new password')).success();
  });

  it('R43 is shown to the operator all the same, and to nobody else', async () => {
    const person = await portal.register({ email: email('dora') });
    await week();
    expect((await stack.operator.issuePasswordLink(portal.id, person.id)).success()).toHaveProperty('url');
    await person.signIn();
    (await person.api.issuePasswordLink(portal.id, person.id)).refused('forbidden');
    const other = await (await portal.register({ admin: true })).signIn();
    (await portal.api.suspend(portal.id, person.id)).success();
    (await other.provingApi.issuePasswordLink(portal.id, person.id)).refused('account-suspended');
    expect(server.to(email('dora')).filter(({ raw }) => raw.includes('password#'))).toEqual([]);
  });
});
