import { usageError } from './exit.js';

/** What other users see in the list of processes, and the shell keeps in its history. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/(^|[=\s])(ses|svc|lgn)_[A-Za-z0-9_-]{8,}/, 'a token'],
  [/(^|[=\s])Bearer\s/i, 'a token'],
  [/(^|=)[A-Za-z0-9_.-]{1,32}:[A-Za-z0-9+/]{43}=/, 'a key ring'],
  [/otpauth(-migration)?:\/\//i, 'the secret of an authenticator'],
  [/-----BEGIN/, 'a key'],
  [/\$(2[aby]|argon2|scrypt|pbkdf2)[^ ]*\$/, 'a hash of a password'],
  [/(^|[=.\s])eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\./, 'a signed token'],
  [/"d"\s*:/, 'a private key'],
  [/(^|=)[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]*@/i, 'a password in a URL'],
];
/** 32 random bytes, as the product makes its operator's token: of each kind of character there is one. */
const isRandom = (text: string): boolean =>
  /^[A-Za-z0-9_-]{43}$/.test(text) && [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(text));

/** Options that nobody offers, since what stood behind them would be seen. */
const tempting = /^--?(pass(word)?|passphrase|pw|token|operator-token|secret|code|otp|backup-code|key|api-key)(=|$)/i;

/**
 * Refuses what looks like a secret among the arguments, without quoting it.
 * @param known values of the environment that are secrets
 * @throws CommandError
 */
export function refuseSecrets(args: readonly string[], known: readonly string[] = []): void {
  for (const arg of args) {
    const name = tempting.exec(arg)?.[0].replace(/=$/, '');
    if (name !== undefined) throw usageError(`Unknown option '${name}': ${elsewhere}`);
    const [, value = arg] = /^--[\w-]+=(.*)$/s.exec(arg) ?? [];
    const kind = secrets.find(([pattern]) => pattern.test(arg))?.[1];
    const same = known.some((secret) => secret !== '' && value === secret);
    if (kind !== undefined || same || isRandom(value))
      throw usageError(
        `an argument looks like ${kind ?? 'a token'}: ${elsewhere} Replace it if others may have seen it.`,
      );
  }
}

const elsewhere =
  'others see arguments in the list of processes and in the history. Give secrets in a file, in the environment or at the prompt (twinlock help secrets).';
