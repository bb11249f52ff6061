/* A story in the terminal, over real HTTP: `npm run demo`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import QRCode from 'qrcode';
import { Authenticator } from './authenticator.js';
import { startProduct } from './product.js';

interface Event {
  time: string;
  type: string;
  actor: { kind: string };
  hash: string;
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const product = await startProduct();
const portal = 'acme';

try {
  await tell();
} finally {
  await product.stop();
}

async function tell(): Promise<void> {
  chapter('A portal, its administrator, and Alice');
  const password = 'correct horse battery staple';
  await call('POST', '/v1/portals', product.operatorToken, { id: portal, admin: { username: 'root', password } });
  await call('PUT', `/v1/portals/${portal}/add-ons/enterprise-security`, product.operatorToken);
  const root = String((await call('POST', '/v1/login', null, { portal, username: 'root', password })).body.accessToken);
  await call('PUT', `/v1/portals/${portal}/settings/two-factor`, root, { enabled: true, maxFailedAttempts: 5 });
  const alice = { username: 'alice', password: 'alice likes long passwords' };
  const { id } = (await call('POST', `/v1/portals/${portal}/accounts`, root, { ...alice, type: 'contributor' })).body;
  const account = `/v1/portals/${portal}/accounts/${String(id)}`;

  chapter('Alice sets up two-factor authentication');
  const session = String((await call('POST', '/v1/login', null, { portal, ...alice })).body.accessToken);
  const setup = (await call('POST', '/v1/me/two-factor/setup', session)).body;
  say(await QRCode.toString(String(setup.otpauthUri), { type: 'terminal', small: true }));
  say(`or type it in: ${String(setup.manualKey)}`);
  let phone = new Authenticator(String(setup.otpauthUri));
  say(`Her phone is ${phone.name}.`);
  const confirmed = await call('POST', '/v1/me/two-factor/confirm', session, { code: phone.codeAt(product.now()) });
  say(`Backup codes, shown this once: ${(confirmed.body.backupCodes as string[]).slice(0, 2).join(', ')}, …`);

  chapter('She logs in with a code');
  later(30);
  await login(phone.codeAt(product.now()));

  chapter('Somebody who knows her password guesses five times');
  const challenge = await challengeFor();
  for (let guess = 0; guess < 5; guess++) {
    await call('POST', '/v1/login/code', null, { challenge, code: phone.wrongCodeAt(product.now()) });
  }
  later(30);
  say('Now not even a right code is looked at:');
  await call('POST', '/v1/login/code', null, { challenge, code: phone.codeAt(product.now()) });

  chapter('The administrator chooses Enable user, and she is back in');
  await call('POST', `${account}/unlock`, root);
  await login(phone.codeAt(product.now()));

  chapter('A new phone: she resets the secret');
  later(30);
  const loggedIn = await login(phone.codeAt(product.now()));
  const reset = (await call('POST', '/v1/me/two-factor/reset', loggedIn)).body;
  phone = new Authenticator(String(reset.otpauthUri));
  later(30);
  await call('POST', '/v1/me/two-factor/confirm', loggedIn, { code: phone.codeAt(product.now()) });

  chapter('What the event log says of it');
  for (const event of await eventsUntil('two-factor.backup-codes-issued.v1')) {
    say(
      `${event.time.slice(11, 19)}  ${event.type.padEnd(38)} by ${event.actor.kind.padEnd(13)} ${event.hash.slice(0, 12)}…`,
    );
  }

  /** Audit has an event within a second of the answer that it belongs to. */
  async function eventsUntil(last: string): Promise<Event[]> {
    for (;;) {
      const { body } = await call('GET', `/v1/portals/${portal}/events?account=${String(id)}&limit=200`, root);
      const events = body.events as Event[];
      if (events.at(-1)?.type === last) return events;
      await sleep(100);
    }
  }
  async function challengeFor(): Promise<string> {
    return String((await call('POST', '/v1/login', null, { portal, ...alice })).body.challenge);
  }
  async function login(code: string): Promise<string> {
    const answer = await call('POST', '/v1/login/code', null, { challenge: await challengeFor(), code });
    return String(answer.body.accessToken);
  }
}

async function call(method: string, path: string, token: string | null, body?: object): Promise<Answer> {
  const response = await fetch(product.url + path, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: Answer = { status: response.status, body: text ? (JSON.parse(text) as Answer['body']) : {} };
  const { code, attemptsLeft, status } = answer.body as { code?: string; attemptsLeft?: number; status?: string };
  const left = attemptsLeft === undefined ? '' : `, ${attemptsLeft} attempts left`;
  const words = `${code ?? status ?? ''}${left}`;
  say(
    `  ${method.padEnd(5)}${path.replace(/\?.*/, '')} → ${styleText(response.ok ? 'green' : 'red', String(response.status))} ${words}`,
  );
  return answer;
}

function later(seconds: number): void {
  product.wait(seconds);
  say(styleText('dim', `  (${seconds} seconds later)`));
}

function chapter(title: string): void {
  say(`\n${styleText('bold', title)}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
