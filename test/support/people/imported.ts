import { createHash, pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto';
import type { z } from 'zod';
import type { accountToImport } from '#libs/contracts/src/http/import.js';
import { Authenticator } from './authenticator.js';
import { Person, type Portal } from './portal.js';

export type LineToImport = z.input<typeof accountToImport>;
type TotpToImport = NonNullable<LineToImport['totp']>[number];

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A secret in Base32, of a multiple of five bytes. */
export const newBase32 = (bytes = 20): string =>
  Array.from(randomBytes((bytes / 5) * 8), (byte) => LETTERS[byte & 31]).join('');

/** Hashes of passwords as other systems write them. */
export const hashes = {
  pbkdf2: (password: string, iterations = 1_000, digest: 'sha1' | 'sha256' | 'sha512' = 'sha256'): string => {
    const salt = randomBytes(16);
    const hash = pbkdf2Sync(password, salt, iterations, 32, digest);
    return `$pbkdf2-${digest}$i=${iterations},l=32$${unpadded(salt)}$${unpadded(hash)}`;
  },
  scrypt: (password: string, ln = 10): string => {
    const salt = randomBytes(16);
    const hash = scryptSync(password, salt, 32, { N: 2 ** ln, r: 8, p: 1 });
    return `$scrypt$ln=${ln},r=8,p=1$${unpadded(salt)}$${unpadded(hash)}`;
  },
};

let made = 0;
/** A line of its own name, with whatever else it has. */
export function aLine(changes: Partial<LineToImport> = {}): LineToImport {
  made += 1;
  return {
    username: `moved-${made}-${createHash('sha256').update(String(process.hrtime())).digest('hex').slice(0, 8)}`,
    ...changes,
  };
}

/** The app that the person has from before. */
export function appOf(
  { stack }: Portal,
  { secret, algorithm = 'SHA1', digits = 6, period = 30 }: TotpToImport,
): Authenticator {
  const parameters = new URLSearchParams({ secret, algorithm, digits: String(digits), period: String(period) });
  return new Authenticator(`otpauth://totp/before:moved?${parameters.toString()}`, stack.clock);
}

/** The person of a line that was imported, who has the password and the app from before. */
export async function movedIn(portal: Portal, line: LineToImport, password = ''): Promise<Person> {
  const [result] = (await portal.stack.operator.importAccounts(portal.id, [line])).success();
  if (result?.outcome !== 'created') throw new Error(`the line was answered ${JSON.stringify(result)}`);
  const person = new Person(portal.stack, portal.id, { username: line.username, password });
  person.id = result.id!;
  if (line.totp?.[0]) person.hold(appOf(portal, line.totp[0]));
  return person;
}
