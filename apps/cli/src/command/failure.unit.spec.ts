import { jest } from '@jest/globals';
import { CommanderError } from 'commander';
import { ArgumentError } from '#libs/client/src/http/request.js';
import { ProblemError, TransportError } from '#libs/client/src/index.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import { CommandError, exitCodes } from './exit.js';
import { failed } from './failure.js';

/** The exit code, and what stands on standard error. */
function ended(error: unknown, json = false): { code: number; said: string } {
  const spy = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const code = failed(error, json);
    return { code, said: spy.mock.calls.map(([text]) => text).join('') };
  } finally {
    spy.mockRestore();
  }
}

const problem = (status: number, code: string, more: object = {}) =>
  new ProblemError(
    { type: `urn:twinlock:problem:${code}`, title: code, status, code, detail: `It is ${code}.`, ...more } as never,
    {
      call: 'getAccount',
      requestId: 'r1',
    },
  );
const answered = { call: 'getAccount', requestId: 'r1' };

describe('a command that fails', () => {
  it.each([
    ['refused', problem(404, 'not-found'), 'not-found: It is not-found.\n'],
    ['refused', problem(409, 'last-administrator'), 'last-administrator: It is last-administrator.\n'],
    ['notLoggedIn', problem(401, 'session-ended'), 'session-ended: The session has ended: twinlock login.\n'],
    ['notLoggedIn', problem(401, 'unauthenticated'), /^unauthenticated: The token is not valid.*\n$/],
    ['refused', problem(401, 'invalid-credentials'), 'invalid-credentials: It is invalid-credentials.\n'],
    ['proofNeeded', problem(403, 're-authentication-required'), /^re-authentication-required/],
    [
      'unavailable',
      problem(503, 'not-yet-effective', { retryAfter: 5 }),
      /takes effect by itself\. Try again in 5 s\.\n$/,
    ],
    ['unavailable', problem(429, 'too-many-attempts', { retryAfter: 61 }), / Try again in 61 s\.\n$/],
    ['fault', problem(500, 'internal-error'), 'internal-error: It is internal-error.\n'],
    ['unavailable', new TransportError('network', 'no connection to http://127.0.0.1:1', answered), /Look at --url/],
    ['unavailable', new TransportError('timeout', 'no answer from http://127.0.0.1:1', answered), /Look at --url/],
    [
      'unavailable',
      new TransportError('not-twinlock', 'an answer 502', { ...answered, status: 502 }),
      /what stands there/,
    ],
    ['refused', new TransportError('not-twinlock', 'an answer 404', { ...answered, status: 404 }), /what stands there/],
    ['usage', new ArgumentError('account must be a text that names something'), /^account must be/],
    ['usage', new SettingError('PORT', 'must be a number'), /^PORT must be a number/],
    [
      'usage',
      new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'"),
      "Unknown option '--x'\n",
    ],
    ['fault', new CommandError('fault', 'The log is not whole.'), 'The log is not whole.\n'],
  ] as const)('ends with the code of %s: %s', (exit, error, line) => {
    const { code, said } = ended(error);
    expect({ code, lines: said.split('\n').length }).toEqual({ code: exitCodes[exit], lines: 2 });
    if (typeof line === 'string') expect(said).toBe(line);
    else expect(said).toMatch(line);
  });

  it('says for a program the code of the problem, its members and the id of the request', () => {
    const { said } = ended(problem(401, 'wrong-code', { attemptsLeft: 2 }), true);
    expect(JSON.parse(said)).toEqual({
      code: 'wrong-code',
      detail: 'wrong-code: It is wrong-code.',
      status: 401,
      attemptsLeft: 2,
      requestId: 'r1',
    });
    const fields = [{ field: 'email', message: 'is no address' }];
    expect(ended(problem(400, 'malformed-request', { errors: fields })).said).toBe(
      'malformed-request: email is no address\n',
    );
    expect(JSON.parse(ended(new SettingError('PORT', 'must be a number'), true).said)).toMatchObject({
      code: 'setting',
    });
  });

  it('never shows a stack, nor the value of an option, nor what an error nobody foresaw has in it', () => {
    const secret = new CommanderError(
      1,
      'commander.optionMissingArgument',
      "error: option '--url <url>' argument 'hunter22' is invalid",
    );
    expect(ended(secret).said).not.toMatch(/^\s+at /m);
    expect(ended(new CommanderError(1, 'x', "error: unknown option '--password=hunter22'")).said).toBe(
      "Unknown option '--password'\n",
    );
    const unforeseen = ended(new RangeError('hunter22'));
    expect(unforeseen).toEqual({
      code: 1,
      said: 'Something went wrong that nobody foresaw (RangeError). TWINLOCK_DEBUG=1 shows where.\n',
    });
  });

  it('where help was asked for, nothing has failed', () => {
    expect(ended(new CommanderError(0, 'commander.helpDisplayed', ''))).toEqual({ code: 0, said: '' });
    expect(ended(new CommanderError(1, 'commander.help', '')).code).toBe(2);
  });
});
