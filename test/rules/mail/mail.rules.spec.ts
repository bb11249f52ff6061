import { backupCodeForms, found, plainText, type Planted, secretForms, textAndHashes } from '#test/support/secrets.js';
import { useMailingStack } from '#test/support/servers/mail/use-mail.js';
import { until } from '#test/support/until.js';
import { usePortal } from '#test/support/use-stack.js';

const { stack, server } = await useMailingStack();
const portal = usePortal(stack, { maxFailedAttempts: 3 });

let numbered = 0;
const newAddress = () => `person-${(numbered += 1)}@acme.example`;
/** What must be in no mail. */
const nowhere: Planted[] = [];

async function personWithMail() {
  const email = newAddress();
  const person = await (await portal.register({ email, displayName: 'Alice <b>' })).signIn();
  nowhere.push(...textAndHashes('a password', person.credentials.password));
  return { email, person };
}
async function enrolledWithMail() {
  const { email, person } = await personWithMail();
  await person.enrol();
  nowhere.push(...secretForms('a secret', person.phone.base32));
  for (const each of person.backupCodes) nowhere.push(...backupCodeForms('a backup code', each));
  return { email, person };
}
const textTo = async (email: string, subject: string, count?: number): Promise<string> =>
  (await server.mails(email, subject, count)).at(-1)!.mail.text!;

describe('what happens to an account', () => {
  it('R40 is mailed to its person: 2FA, authenticators, backup codes, password', async () => {
    const { email, person } = await enrolledWithMail();
    const text = await textTo(email, 'Two-factor authentication is on');
    for (const part of ['Hello “Alice <b>”,', person.credentials.username, 'UTC', '127.0.0.1'])
      expect(text).toContain(part);

    const { backupCodes } = (await person.api.newBackupCodes()).success();
    nowhere.push(...backupCodes.flatMap((each) => backupCodeForms('a new backup code', each)));
    await textTo(email, 'New backup codes were made');
    (await person.enterBackupCode(backupCodes[0]!)).success();
    expect(await textTo(email, 'A backup code was used')).toContain('9 are left');

    const app = await person.addApp('The phone of Alice');
    nowhere.push(...secretForms('another secret', app.base32));
    await textTo(email, 'An authenticator was added');
    const [, added] = await person.authenticatorIds();
    (await person.provingApi.removeAuthenticator(added!)).success();
    await textTo(email, 'An authenticator was removed');

    const next = 'a password that nobody has';
    nowhere.push(...textAndHashes('the next password', next));
    (await person.provingApi.changePassword({ current: person.credentials.password, new: next })).success();
    person.credentials.password = next;
    await textTo(email, 'Your password was changed');

    await portal.set({ rememberDays: 30 });
    const browser = await person.remember();
    await textTo(email, 'A browser is remembered');
    let newest = browser;
    for (let i = 0; i < 2; i += 1) {
      const answer = (await person.enterPasswordWith(newest)).success();
      newest = (answer as { browserToken: string }).browserToken;
      nowhere.push(...textAndHashes('a browser’s token', newest));
    }
    nowhere.push(...textAndHashes('a browser’s token', browser));
    stack.clock.advance(61);
    await person.enterPasswordWith(browser);
    await textTo(email, 'A browser is no longer remembered');

    const reset = (await person.provingApi.reset()).success();
    nowhere.push(...plainText('a key', reset.manualKey));
    await textTo(email, 'was reset');
    (await person.api.disable()).success();
  });

  it('R40 says who has disabled 2FA, and not where from', async () => {
    const { email, person } = await enrolledWithMail();
    (await portal.api.disableFor(portal.id, person.id)).success();
    const text = await textTo(email, 'Two-factor authentication is off');
    expect(text).toContain('by an administrator of the portal');
    expect(text).not.toContain('From:');
    const other = await enrolledWithMail();
    (await other.person.api.disable()).success();
    expect(await textTo(other.email, 'is off')).toContain('from your account');
  });

  it('R40 is mailed to the address of before too, where that changes', async () => {
    const { email, person } = await personWithMail();
    const next = newAddress();
    (await portal.api.changeAccount(portal.id, person.id, { email: next })).success();
    for (const address of [email, next]) await textTo(address, 'Your e-mail address was changed');
    (await person.enrol()).backupCodes.forEach((each) => nowhere.push(...backupCodeForms('a backup code', each)));
    await textTo(next, 'is on');
    expect(server.to(email)).toHaveLength(1);
  });

  it("R40 is in the portal's language, by its name, with whom to ask for help", async () => {
    const face = { displayName: 'Häuser & Söhne', language: 'de', supportContact: 'Telefon 030 12345' };
    (await portal.api.changeProfile(portal.id, face)).success();
    // it is adopted from an event
    const text = await until('a mail is in German', async () => {
      const { email } = await enrolledWithMail();
      const [{ mail } = {} as never] = await server.mails(email, ':');
      return mail.subject === 'Häuser & Söhne: Zwei-Faktor-Authentifizierung ist aktiv' && mail.text;
    });
    expect(text).toContain('holen Sie sofort Hilfe: „Telefon 030 12345“');
    (await portal.api.changeProfile(portal.id, { displayName: null, language: 'en', supportContact: null })).success();
  });

  it('R40 is mailed to nobody whose account was deleted', async () => {
    const { email, person } = await enrolledWithMail();
    await textTo(email, 'is on');
    await server.close();
    await person.lock();
    (await portal.api.deleteAccount(portal.id, person.id)).success();
    await server.open();
    stack.clock.minutes(10);
    const next = await enrolledWithMail();
    await textTo(next.email, ':');
    expect(server.to(email).filter(({ mail }) => mail.subject?.includes('locked'))).toEqual([]);
  });
});

describe('locks', () => {
  it('R40 are told to the person at once, and to administrators by the hour', async () => {
    const email = newAddress();
    (await portal.api.changeAccount(portal.id, portal.admin.id, { email })).success();
    await portal.set({ lockMinutes: 30 });
    const people = [await enrolledWithMail(), await enrolledWithMail(), await enrolledWithMail()];
    for (const { person } of people) await person.lock();
    for (const { email: address } of people)
      expect(await textTo(address, 'Your account is locked')).toContain('The lock ends by itself:');
    stack.clock.minutes(62);
    await portal.admin.signIn();
    const text = await textTo(email, 'accounts were locked');
    for (const { person } of people) expect(text).toContain(`“${person.credentials.username}”: `);
    expect(server.to(email).filter(({ mail }) => mail.subject?.includes('accounts were locked'))).toHaveLength(1);
    await portal.set({ lockMinutes: 0 });
  });
});

describe('a mail server that is away', () => {
  it('R40 delays mail and nothing else, also when the product is killed meanwhile', async () => {
    await server.close();
    const { email, person } = await enrolledWithMail();
    (await person.api.newBackupCodes()).success();
    expect((await fetch(`${stack.origin}/health/ready`)).status).toBe(200);
    await stack.restart();
    await server.open();
    stack.clock.minutes(60);
    await textTo(email, 'Two-factor authentication is on');
    await textTo(email, 'New backup codes were made');
    await person.signIn();
    await portal.admin.signIn();
  });

  it('R40 loses no mail to kills at any moment, and doubles few', async () => {
    const people = [];
    for (let i = 0; i < 6; i += 1) {
      const { email, person } = await personWithMail();
      people.push(email);
      await person.enrol();
      if (i % 2 === 0) await stack.restart();
    }
    for (const email of people) {
      await textTo(email, 'is on');
      expect(server.to(email).length).toBeLessThanOrEqual(3);
    }
    await portal.admin.signIn();
  });
});

describe('a mail that cannot be sent', () => {
  it('R40 is a dead letter, which the operator lists', async () => {
    const { email, person } = await personWithMail();
    server.does(email, 'refused');
    await person.enrol();
    await until('it is listed', async () => {
      const { stdout } = await stack.run('dead-letters', 'list', '--app', 'notify');
      return stdout.includes(`two-factor.two-factor-enabled.v1  ${portal.id}/${person.id}  SMTP EENVELOPE 550 RCPT TO`);
    });
  });
});

describe('a rebuild', () => {
  it('R29 R40 leaves the face of portals and what was mailed as they were', async () => {
    const { email } = await enrolledWithMail();
    await textTo(email, 'is on');
    (await portal.api.changeProfile(portal.id, { displayName: 'Rebuilt', language: 'de' })).success();
    await stack.shutDown();
    await stack.run('rebuild');
    await stack.start();
    await portal.admin.signIn();
    const after = await enrolledWithMail();
    const [{ mail } = {} as never] = await server.mails(
      after.email,
      'Rebuilt: Zwei-Faktor-Authentifizierung ist aktiv',
    );
    expect(mail.from?.name).toBe('Portal');
    expect(server.to(email)).toHaveLength(1);
  });
});

describe('every mail', () => {
  it('R40 has no secret, no code, no password and no link in it', () => {
    expect(server.received.length).toBeGreaterThan(20);
    for (const { raw, mail } of server.received) {
      const everything = [raw, mail.subject, mail.text, mail.html].join('\n');
      expect(found(nowhere, everything)).toEqual([]);
      expect(everything).not.toMatch(/https?:|<a |otpauth|www\./);
    }
  });

  it('R40 is counted, and nothing is logged of who got it', async () => {
    const metrics = await (await fetch(`${stack.origin}/metrics`)).text();
    expect(metrics).toMatch(/^twinlock_mails_total\{outcome="sent"\} \d+$/m);
    expect(stack.output()).not.toContain('@acme.example');
  });
});
