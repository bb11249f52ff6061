import { readFileSync } from 'node:fs';
import { until } from '#test/support/until.js';
import { MailServer } from '#test/support/servers/mail/mail-server.js';
import { RunningNotify } from '../testing/running-notify.js';

const HOUR_MS = 3_600_000;
let server: MailServer;
let notify: RunningNotify;
let alice: string;
beforeEach(async () => {
  server = await MailServer.start();
  notify = await new RunningNotify(server).start();
  alice = notify.person('alice', { displayName: 'Alice <i>Älvdal</i>' });
  notify.person('admin');
});
afterEach(async () => {
  await notify.remove();
  await server.close();
});

const enabled = (account = 'alice') => notify.happens('two-factor', [{ type: 'TwoFactorEnabled' }], { account });
const outcome = (name: string, count: number) =>
  until(`${count} ${name}`, async () => ((await notify.outcomes())[name] ?? 0) >= count);
/** What is sent now comes after everything that was to be sent before. */
async function nothingMoreFor(address: string, count: number): Promise<void> {
  const last = notify.person(`last-${Math.random().toString(36).slice(2)}`);
  await enabled(last.slice(0, last.indexOf('@')));
  await server.mails(last, 'on');
  expect(server.to(address)).toHaveLength(count);
}

describe('what happens to an account', () => {
  it('is mailed to its person, in the face and the language of the portal', async () => {
    await notify.face({ displayName: 'Acme & Co', language: 'de', supportContact: 'help@acme.example' });
    const origin = notify.seal({ address: '192.0.2.1', userAgent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' });
    await until('the face is adopted', () => notify.adopted('admin-policy'));
    await notify.happens('two-factor', [{ type: 'TwoFactorEnabled' }], { personal: { origin } });
    const [{ mail } = {} as never] = await server.mails(alice, 'aktiv');
    expect(mail.subject).toBe('Acme & Co: Zwei-Faktor-Authentifizierung ist aktiv');
    expect(mail.from).toEqual({ name: 'Acme & Co', address: 'no-reply@acme.example' });
    for (const text of [
      'Guten Tag „Alice <i>Älvdal</i>“,',
      '24. November 2026 um 09:00 UTC',
      '192.0.2.1, Firefox unter Windows',
      '„help\u2060@\u2060acme\u2060.\u2060example“',
    ])
      expect(mail.text).toContain(text);
    expect(mail.html).toContain('Alice &lt;i&gt;Älvdal&lt;/i&gt;');
    expect(mail.html).toContain('Acme &amp; Co');
  });

  it('is mailed once, also when the events come again', async () => {
    await enabled();
    await server.mails(alice, 'on');
    await notify.forgetPositions();
    await notify.forgetPositions();
    await nothingMoreFor(alice, 1);
  });

  it('tells of backup codes that are made with it once, and of others by themselves', async () => {
    await notify.happens('two-factor', [{ type: 'TwoFactorEnabled' }, { type: 'BackupCodesIssued' }]);
    await notify.happens('two-factor', [{ type: 'BackupCodesIssued' }]);
    await server.mails(alice, 'New backup codes');
    await nothingMoreFor(alice, 2);
  });

  it('goes to the address of before, too, where it changed', async () => {
    const person = notify.seal({ username: 'alice', email: alice, formerEmail: 'old@acme.example' });
    await notify.happens('identity', [{ type: 'AccountChanged', data: { changed: ['email'] }, person }], {
      actor: { kind: 'administrator', id: 'admin' },
    });
    for (const address of [alice, 'old@acme.example']) {
      const [{ mail } = {} as never] = await server.mails(address, 'e-mail address was changed');
      expect(mail.text).toContain('by an administrator of the portal');
    }
  });

  it('is nobody’s to hear whose account was deleted, or has no address', async () => {
    notify.contacts.delete('gone');
    notify.person('silent', { email: null });
    await enabled('gone');
    await enabled('silent');
    await outcome('nobody', 2);
    expect(server.received).toEqual([]);
  });

  it('does not say where an administrator acted from', async () => {
    const origin = notify.seal({ address: '192.0.2.77' });
    const event = { type: 'TwoFactorDisabled', data: { secretId: 'k7', was: 'enabled' } } as const;
    await notify.happens('two-factor', [event], {
      actor: { kind: 'administrator', id: 'admin' },
      personal: { origin },
    });
    const [{ raw } = {} as never] = await server.mails(alice, 'is off');
    expect(raw).not.toContain('192.0.2.77');
  });

  it('is stored without names and addresses', async () => {
    await server.close();
    const person = notify.seal({ username: 'alice', formerEmail: 'old@acme.example' });
    await notify.happens('identity', [{ type: 'AccountChanged', data: { changed: ['email'] }, person }]);
    await outcome('retried', 1);
    const stored = readFileSync(notify.file).toString('latin1');
    expect(stored).toContain('username-or-email-changed');
    for (const text of ['@acme.example', 'Alice', 'lvdal']) expect(stored).not.toContain(text);
    await server.open();
    notify.now += HOUR_MS;
    await server.mails('old@acme.example', 'changed');
  });
});

describe('time', () => {
  it('of before the app first ran is not told of, nor what is older than a week', async () => {
    await notify.stop();
    const later = await new RunningNotify(server).start();
    try {
      later.person('alice');
      later.now -= 60_000;
      await later.happens('two-factor', [{ type: 'TwoFactorEnabled' }]);
      later.now += 120_000;
      await later.happens('two-factor', [{ type: 'AuthenticatorAdded' }]);
      await server.mails(alice, 'added');
      expect(server.to(alice)).toHaveLength(1);
      await later.stop();
      await later.start();
      later.now += 9 * 24 * HOUR_MS;
      await later.forgetPositions();
      await later.happens('two-factor', [{ type: 'AuthenticatorRemoved' }]);
      await server.mails(alice, 'removed');
      expect(server.to(alice)).toHaveLength(2);
    } finally {
      await later.remove();
    }
  });
});

describe('a mail server', () => {
  it('that is away for an hour delays mail, and loses and doubles none', async () => {
    await server.close();
    const people = Array.from({ length: 20 }, (_, i) => `person-${i}`);
    for (const each of people) notify.person(each);
    for (const each of people) await enabled(each);
    await outcome('retried', 1);
    for (let minutes = 0; minutes < 60; minutes += 10) {
      const before = (await notify.outcomes()).retried ?? 0;
      notify.now += 10 * 60_000;
      await outcome('retried', before + 1);
    }
    await notify.stop();
    await notify.start();
    await server.open();
    notify.now += 10 * 60_000;
    for (const each of people) await server.mails(`${each}@acme.example`, 'on');
    await outcome('sent', people.length);
    expect(server.received).toHaveLength(people.length);
  });

  it('that is away for a day gets dead letters, without an address, and then what is new', async () => {
    await server.close();
    notify.person('bob');
    await enabled();
    await enabled('bob');
    await outcome('retried', 1);
    notify.now += 24 * HOUR_MS;
    await until('both are given up', async () => {
      notify.now += 60_000;
      return (await notify.deadLetters).length === 2;
    });
    const letters = await notify.deadLetters;
    expect(letters).toContainEqual(
      expect.objectContaining({
        source: 'mails',
        stream: 'demo/alice',
        eventId: 'commit-1.1',
        reason: expect.stringMatching(/^SMTP /) as string,
      }),
    );
    expect(JSON.stringify(letters)).not.toContain('@');
    await server.open();
    notify.now += HOUR_MS;
    await nothingMoreFor(alice, 0);
  });

  it('that refuses one recipient, or greylists or hangs up on one, delays no other', async () => {
    const [bob, carol, dora] = ['bob', 'carol', 'dora'].map((each) => notify.person(each)) as [string, string, string];
    server.does(alice, 'refused');
    server.does(bob, 'later');
    server.does(carol, 'hangs-up');
    for (const each of ['alice', 'bob', 'carol', 'dora']) await enabled(each);
    await until('the last one gets through', () => {
      notify.now += 2_000;
      return server.to(dora).length === 1;
    });
    await outcome('given-up', 1);
    expect(await notify.deadLetters).toMatchObject([{ stream: 'demo/alice', reason: 'SMTP EENVELOPE 550 RCPT TO' }]);
    for (const each of [bob, carol]) server.does(each, 'as-ever');
    await until('the others get through', () => {
      notify.now += 60_000;
      return server.to(bob).length === 1 && server.to(carol).length === 1;
    });
    expect(server.asked.get(alice)).toBe(1);
  });

  it('that stops talking at one recipient delays no other, however often, and is asked for that one ever more seldom', async () => {
    const carol = notify.person('carol');
    server.does(carol, 'hangs-up');
    for (const asked of [1, 2, 3]) {
      await enabled('carol');
      await outcome('retried', asked);
      // no time passes
      await nothingMoreFor(carol, 0);
    }
    const before = server.asked.get(carol)!;
    notify.now += 55_000;
    await nothingMoreFor(carol, 0);
    expect(server.asked.get(carol)).toBe(before);
  });

  it('goes on for all others where nobody can say who one is', async () => {
    notify.unknown = 'carol';
    notify.person('carol');
    await enabled('carol');
    await outcome('retried', 1);
    await nothingMoreFor('carol@acme.example', 0);
  });

  it('waits while nobody can say who somebody is', async () => {
    notify.identityIsAway = true;
    await enabled();
    await outcome('retried', 1);
    notify.identityIsAway = false;
    await until('it is mailed', () => {
      notify.now += 60_000;
      return server.to(alice).length === 1;
    });
  });

  it('is not asked for more than a few things at a time', async () => {
    const people = Array.from({ length: 40 }, (_, i) => `person-${i}`);
    for (const each of people) notify.person(each);
    await Promise.all(people.map((each) => enabled(each)));
    await until('all are mailed', () => server.received.length === people.length);
    expect(server.mostConnections).toBeLessThanOrEqual(5);
  });
});

describe('many mails', () => {
  it('about one account are no more than 20 a day, of which the last says so', async () => {
    for (let i = 0; i < 25; i += 1) await notify.happens('two-factor', [{ type: 'BackupCodesIssued' }]);
    await outcome('too-many', 5);
    await until('all others are mailed', () => server.to(alice).length === 20);
    const mails = server.to(alice);
    expect(mails.filter(({ mail }) => mail.text?.includes('until midnight UTC is not mailed'))).toHaveLength(1);
    notify.now += 24 * HOUR_MS;
    await notify.happens('two-factor', [{ type: 'BackupCodesIssued' }]);
    await until('the next day it is mailed again', () => server.to(alice).length === 21);
  });
});

describe('two instances on one database', () => {
  it('send each mail once, and one goes on where the other ends', async () => {
    const first = new RunningNotify(server);
    const second = new RunningNotify(server, first);
    for (const one of [first, second]) one.isOneOfSeveral = true;
    await first.start();
    await second.start();
    try {
      const people = Array.from({ length: 30 }, (_, i) => `person-${i}`);
      for (const each of people) for (const one of [first, second]) one.person(each);
      for (const [index, account] of people.entries()) {
        if (index === 15) await first.stop();
        await (index < 15 ? first : second).happens('two-factor', [{ type: 'TwoFactorEnabled' }], { account });
      }
      for (const each of people) await server.mails(`${each}@acme.example`, 'on');
      expect(server.received).toHaveLength(people.length);
    } finally {
      await second.remove();
      await first.remove();
    }
  });
});

describe('locks', () => {
  it('of an hour are one mail to each administrator, and one to each who is locked', async () => {
    const other = notify.person('other-admin');
    notify.administrators = ['admin', 'other-admin'];
    const people = Array.from({ length: 60 }, (_, i) => `person-${String(i).padStart(2, '0')}`);
    for (const each of people) {
      notify.person(each);
      notify.now += 1_000;
      await notify.happens(
        'two-factor',
        [{ type: 'AccountLocked', data: { failedAttempts: 5, maxFailedAttempts: 5 } }],
        { account: each },
      );
    }
    for (const each of people) await server.mails(`${each}@acme.example`, 'Your account is locked');
    expect(server.to('admin@acme.example')).toEqual([]);
    await notify.forgetPositions();
    notify.now += HOUR_MS + 2 * 60_000;
    for (const administrator of ['admin@acme.example', other]) {
      const [{ mail } = {} as never] = await server.mails(administrator, '60 accounts were locked');
      for (const text of ['“person-00”:', '“person-49”:', 'and 10 more']) expect(mail.text).toContain(text);
      for (const text of ['person-50', 'When:']) expect(mail.text).not.toContain(text);
    }
    await nothingMoreFor('admin@acme.example', 1);
    await notify.happens('two-factor', [{ type: 'AccountLocked' }], { account: 'person-07' });
    const [{ mail } = {} as never] = (await server.mails('person-07@acme.example', 'locked', 2)).slice(1);
    expect(mail.text).toContain('24 November 2026 at 09:45 UTC');
    notify.now += HOUR_MS + 2 * 60_000;
    await server.mails('admin@acme.example', 'An account was locked');
  });

  it('that come to the hour of a mail that was sent, since a clock was set back, are told of with the next', async () => {
    for (const each of ['alice', 'bob']) {
      notify.person(each);
      await notify.happens('two-factor', [{ type: 'AccountLocked' }], { account: each });
      await server.mails(`${each}@acme.example`, 'Your account is locked');
      notify.now += HOUR_MS + 2 * 60_000;
      await until('administrators are told', () => server.to('admin@acme.example').length > 0);
      // for the second one
      if (each === 'alice') notify.now -= HOUR_MS;
    }
    notify.now += HOUR_MS;
    const mails = await server.mails('admin@acme.example', 'An account was locked', 2);
    expect(mails.map(({ mail }) => /“(\w+)”: /.exec(mail.text ?? '')?.[1])).toEqual(['alice', 'bob']);
  });
});
