/** What a script learns by the exit code. */
export const exitCodes = {
  ok: 0,
  /** Something is wrong here: with the data, or the product; or some of many was refused. */
  fault: 1,
  /** Arguments, settings or a file are others than they must be. */
  usage: 2,
  /** The product refuses: `--json` has the problem's code. */
  refused: 3,
  /** Nobody is logged in, the session has ended, or the token is not valid. */
  notLoggedIn: 4,
  /** The change needs a fresh proof (R14), and nobody is there to be asked. */
  proofNeeded: 5,
  /** The product does not answer, or not now: the same command may work later. */
  unavailable: 6,
} as const;
export type Exit = keyof typeof exitCodes;

/** One line on what is wrong and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  /** @param more what `--json` tells beside it, as the members of a problem */
  constructor(
    readonly exit: Exit,
    message: string,
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  get code(): string {
    return typeof this.more.code === 'string' ? this.more.code : codes[this.exit];
  }
}

/** Of what is no problem of the product. */
const codes: Readonly<Record<Exit, string>> = {
  ok: 'ok',
  fault: 'fault',
  usage: 'usage',
  refused: 'refused',
  notLoggedIn: 'not-logged-in',
  proofNeeded: 're-authentication-required',
  unavailable: 'unavailable',
};

export const usageError = (message: string): CommandError => new CommandError('usage', message);
