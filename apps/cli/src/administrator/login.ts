import { isProblem } from '#libs/client/src/index.js';
import type { Calling } from '../calls/calling.js';
import { forgetLogin, keepLogin } from '../calls/kept-login.js';
import { asCommandError } from '../calls/refusals.js';
import { codeOf, passwordOf } from '../calls/secrets.js';
import type { Options } from '../command/leaf.js';
import { say, tell } from '../command/output.js';
import { ask, canAsk } from '../command/prompt.js';

/** Of a person who mistypes a code. */
const TRIES = 3;

/** @throws CommandError, SettingError */
export async function logIn(asked: Calling<'login' | 'loginWithCode'>, options: Options): Promise<void> {
  const { origin } = await asked.place;
  const portal = (options.portal as string | undefined) ?? (await ask(`Portal at ${origin.origin}`));
  const username = (options.username as string | undefined) ?? (await ask('Username'));
  const password = await passwordOf(process.env, options.passwordFile as string | undefined);
  const answer = await asked.call('login', { portal, username, password });
  const { accessToken, expiresAt, backupCodesLeft } =
    answer.status === 'code-required'
      ? await withCode(asked, answer.challenge)
      : { ...answer, backupCodesLeft: undefined };
  keepLogin(process.env, { url: origin.origin, portal, username, token: accessToken, expiresAt });
  if (options.json === true) return say(JSON.stringify({ url: origin.origin, portal, username, expiresAt }));
  say(`Logged in to ${portal} at ${origin.origin} as ${username}, until ${expiresAt}.`);
  if (answer.status === 'enrolment-required')
    tell(
      'The portal requires two-factor authentication. Set it up in the console: until then nothing else is possible.',
    );
  if (answer.status === 'complete' && answer.enrolment)
    tell(`The portal requires two-factor authentication. Set it up in the console by ${answer.enrolment.graceEndsAt}.`);
  if (backupCodesLeft !== undefined) tell(`Backup codes left: ${backupCodesLeft}. Make new ones in the console.`);
}

/** What is asked of the challenge again after a slip; where nobody is asked, once. */
async function withCode(asked: Calling<'loginWithCode'>, challenge: string) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await asked.call('loginWithCode', { challenge, ...(await codeOf(process.env)) });
    } catch (error) {
      const mistyped = isProblem(error) && ['wrong-code', 'malformed-code'].includes(error.code);
      const given = (process.env.TWINLOCK_CODE ?? '') !== '';
      if (!mistyped || given || !canAsk() || tried === TRIES) throw error;
      const { attemptsLeft } = error;
      tell(`${asCommandError(error)!.message}${attemptsLeft !== undefined ? ` Attempts left: ${attemptsLeft}.` : ''}`);
    }
  }
}

/** A session that has ended is forgotten too; one that may go on, or that a token of the environment stood in for, is kept. */
export async function logOut(asked: Calling<'logout'>, options: Options): Promise<void> {
  try {
    await asked.call('logout');
  } catch (error) {
    if (asCommandError(error)?.exit !== 'notLoggedIn') throw error;
  }
  if ((await asked.place).login) forgetLogin(process.env);
  say(options.json === true ? JSON.stringify({ loggedIn: false }) : 'Logged out.');
}
