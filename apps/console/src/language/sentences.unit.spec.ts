import type { Problem } from '../api/problem.js';
import { fieldSentences, sentenceOf } from './sentences.js';

const problem = (more: Partial<Problem> & Pick<Problem, 'code'>): Problem => ({
  status: 400,
  detail: 'As it is.',
  ...more,
});
const knows =
  (...keys: string[]) =>
  (key: string) =>
    keys.includes(key);

describe('the sentence of a problem', () => {
  it("is the form's own, before that of the code", () => {
    const known = knows('problem.invalid-credentials', 'problem.login.invalid-credentials');
    const { code } = { code: 'invalid-credentials' } as const;
    expect(sentenceOf(problem({ code }), 'login', known)).toEqual({
      key: 'problem.login.invalid-credentials',
      values: {},
    });
    expect(sentenceOf(problem({ code }), 'password', known)).toEqual({
      key: 'problem.invalid-credentials',
      values: {},
    });
  });

  it("is the server's detail where the catalogue has none", () => {
    expect(sentenceOf(problem({ code: 'forbidden' }), 'any', knows())).toEqual({ text: 'As it is.' });
    expect(sentenceOf(problem({ code: 'forbidden', detail: '' }), 'any', knows())).toEqual({
      key: 'problem.internal-error',
      values: {},
    });
  });

  it('says how many attempts are left, and how long to wait', () => {
    expect(sentenceOf(problem({ code: 'wrong-code', attemptsLeft: 2 }), 'login', knows('problem.wrong-code'))).toEqual({
      key: 'problem.wrong-code-left',
      values: { count: 2 },
    });
    const ofSetup = knows('problem.setup.wrong-code-left_other');
    expect(sentenceOf(problem({ code: 'wrong-code', attemptsLeft: 2 }), 'setup', ofSetup)).toEqual({
      key: 'problem.setup.wrong-code-left',
      values: { count: 2 },
    });
    for (const [retryAfter, count] of [
      [1, 1],
      [60, 1],
      [61, 2],
      [900, 15],
    ]) {
      expect(sentenceOf(problem({ code: 'too-many-attempts', retryAfter: retryAfter! }), 'login', knows())).toEqual({
        key: 'problem.wait-minutes',
        values: { count },
      });
    }
  });

  it('says that the clock of the phone is off, and how far, where the server found out', () => {
    for (const [clockOffSeconds, key, count] of [
      [60, 'problem.clock-ahead', 1],
      [-30, 'problem.clock-behind', 1],
      [-600, 'problem.clock-behind', 10],
    ] as const) {
      const wrong = problem({ code: 'wrong-code', attemptsLeft: 4, clockOffSeconds });
      expect(sentenceOf(wrong, 'setup', knows())).toEqual({ key, values: { count } });
    }
  });

  it('stands beside the field that it is of, nested ones too', () => {
    const errors = [
      { field: 'admin.username', message: 'is short' },
      { field: 'email', message: 'is no address' },
      { field: 'email', message: 'is long' },
    ];
    expect(fieldSentences(problem({ code: 'malformed-request', errors }), knows('malformed.username'))).toEqual({
      username: { key: 'malformed.username', values: {} },
      email: { text: 'is no address' },
    });
  });
});
