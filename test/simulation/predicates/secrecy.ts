import { essentialApps } from '#libs/contracts/src/http/endpoint.js';
import { fromBase32 } from '#test/support/people/authenticator.js';
import type { Answered, Asked } from '../world/history.js';
import type { World } from '../world/world.js';
import type { Predicate } from './predicate.js';

/** All that stands in databases and log lines: where, and the text. */
function* everyText(world: World): Generator<readonly [where: string, text: string]> {
  for (const app of essentialApps) {
    const database = world.database(app);
    for (const commit of database.commits) yield [`the log of ${app}`, JSON.stringify(commit).replaceAll('\\"', '"')];
    for (const collection of database.collections) {
      for (const record of database.stored(collection))
        yield [`${collection} of ${app}`, JSON.stringify(record).replaceAll('\\"', '"')];
    }
  }
  for (const line of world.logLines) yield ['a log line', line];
}

const words = /[A-Za-z0-9_-]{16,}/g;
const wordsOf = (text: string): string[] => text.match(words) ?? [];
const quotedCodes = /"(\d{6})"/g;

export const secretsStayOut: Predicate = {
  rule: 'R30',
  says: 'no secret, code, password or token stands in a log, a record or a log line',
  begin: (complain, world) => {
    const secrets = new Set<string>();
    const passwords = new Set<string>();
    const codes = new Set<string>();
    const asked = ({ call }: Asked) => {
      const { code, ...body } = (call.body ?? {}) as Record<string, unknown>;
      if (typeof code === 'string') codes.add(code);
      for (const name of ['password', 'current', 'new']) if (typeof body[name] === 'string') passwords.add(body[name]);
      for (const text of [call.token, body.challenge, body.token, body.idToken, body.backupCode, call.command?.jws])
        learn(text);
      learnBrowserToken(body.browserToken);
      for (const line of call.lines ?? []) {
        const { totp = [] } = JSON.parse(line) as { totp?: { secret: string }[] };
        for (const { secret } of totp) learnSecret(secret);
      }
    };
    const learnSecret = (base32: string) => {
      learn(base32);
      for (const form of ['hex', 'base64', 'base64url'] as const) learn(fromBase32(base32).toString(form));
    };
    const learn = (text: unknown) => {
      if (typeof text !== 'string') return;
      for (const word of wordsOf(text)) secrets.add(word);
      secrets.add(text.replaceAll('-', ''));
    };
    /** Its browser's id is no secret. */
    const learnBrowserToken = (token: unknown) => {
      if (typeof token !== 'string') return;
      for (const text of [token, token.slice(token.indexOf('_', 4) + 1)]) learn(text);
    };
    const answered = ({ answer }: Answered) => {
      const body = (answer.body ?? {}) as Record<string, unknown>;
      for (const name of ['accessToken', 'challenge', 'token', 'url']) learn(body[name]);
      learnBrowserToken(body.browserToken);
      for (const code of (body.backupCodes ?? []) as string[]) learn(code.replaceAll(/[^0-9A-Za-z]/g, ''));
      if (typeof body.otpauthUri === 'string') {
        learnSecret(new URL(body.otpauthUri).searchParams.get('secret') ?? '');
      }
    };
    return {
      seen: (observed) => {
        if (observed.kind === 'asked') asked(observed);
        if (observed.kind === 'answered') answered(observed);
      },
      atRest: () => {
        for (const [where, text] of everyText(world)) {
          const found = wordsOf(text).find((word) => secrets.has(word));
          if (found !== undefined) complain(`${where} has ${found}`);
          for (const [, code] of text.matchAll(quotedCodes))
            if (codes.has(code!)) complain(`${where} has the code ${code}`);
          for (const password of passwords) if (text.includes(password)) complain(`${where} has a password`);
        }
      },
    };
  },
};

/** As JSON has them. */
const personal = /"(?:person-\d+|renamed-\d+|subject-\d|admin|Somebody|One more|Renamed|e\d)"/;

export const peopleAreSealed: Predicate = {
  rule: 'R42',
  says: 'what is personal stands nowhere but sealed',
  begin: (complain, world) => ({
    atRest: () => {
      for (const [where, text] of everyText(world)) {
        const found = personal.exec(text);
        if (found) complain(`${where} has ${found[0]}: ${text.slice(0, 200)}`);
      }
    },
  }),
};
