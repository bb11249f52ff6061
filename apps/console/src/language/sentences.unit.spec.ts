import { createInstance } from 'i18next';
import type { Problem } from '../api/problem.js';
import { fieldSentences, sentenceOf, type Words } from './sentences.js';

const problem = (more: Partial<Problem> & Pick<Problem, 'code'>): Problem => ({
  status: 400,
  detail: 'As it is.',
  ...more,
});

/** As the page has them. */
function wordsOf(translation: object): Words {
  const i18n = createInstance();
  void i18n.init({ lng: 'en', resources: { en: { translation } }, initAsync: false });
  return i18n.t;
}
const words = wordsOf({
  malformed: {
    list: { addresses: 'too many', addressesAt: 'the one at {{number}}', keys: 'no keys' },
    username: 'too short or too long',
    sso: { issuer: 'no issuer' },
    issuer: 'with a colon',
  },
  problem: {
    'clock-ahead_one': '{{count}} minute early',
    'clock-ahead_other': '{{count}} minutes early',
    'clock-behind_one': '{{count}} minute late',
    'clock-behind_other': '{{count}} minutes late',
    'internal-error': 'something is wrong',
    'invalid-credentials': 'not right',
    login: { 'invalid-credentials': 'name or password not right' },
    setup: { 'wrong-code-left_one': 'then it ends', 'wrong-code-left_other': '{{count}} before it ends' },
    'wait-minutes_one': 'wait {{count}} minute',
    'wait-minutes_other': 'wait {{count}} minutes',
    'wrong-code-left_one': 'then locked',
    'wrong-code-left_other': '{{count}} before the lock',
  },
});

describe('the sentence of a problem', () => {
  it("is the form's own, before that of the code", () => {
    const wrong = problem({ code: 'invalid-credentials' });
    expect(sentenceOf(wrong, 'login', words)).toBe('name or password not right');
    expect(sentenceOf(wrong, 'password', words)).toBe('not right');
  });

  it("is the server's detail where the catalogue has none", () => {
    expect(sentenceOf(problem({ code: 'forbidden' }), 'any', words)).toBe('As it is.');
    expect(sentenceOf(problem({ code: 'forbidden', detail: '' }), 'any', words)).toBe('something is wrong');
  });

  it('says how many attempts are left, and how long to wait', () => {
    const wrong = (attemptsLeft: number) => problem({ code: 'wrong-code', attemptsLeft });
    expect(sentenceOf(wrong(2), 'login', words)).toBe('2 before the lock');
    expect(sentenceOf(wrong(1), 'login', words)).toBe('then locked');
    expect(sentenceOf(wrong(2), 'setup', words)).toBe('2 before it ends');
    for (const [retryAfter, said] of [
      [1, 'wait 1 minute'],
      [60, 'wait 1 minute'],
      [61, 'wait 2 minutes'],
      [900, 'wait 15 minutes'],
    ] as const) {
      expect(sentenceOf(problem({ code: 'too-many-attempts', retryAfter }), 'login', words)).toBe(said);
    }
  });

  it('says that the clock of the phone is off, and how far, where the server found out', () => {
    for (const [clockOffSeconds, said] of [
      [60, '1 minute early'],
      [-30, '1 minute late'],
      [-600, '10 minutes late'],
    ] as const) {
      const wrong = problem({ code: 'wrong-code', attemptsLeft: 4, clockOffSeconds });
      expect(sentenceOf(wrong, 'setup', words)).toBe(said);
    }
  });

  it('stands beside the field that it is of, nested ones too', () => {
    const errors = [
      { field: 'admin.username', message: 'is short' },
      { field: 'email', message: 'is no address' },
      { field: 'email', message: 'is long' },
    ];
    expect(fieldSentences(problem({ code: 'malformed-request', errors }), 'any', words)).toEqual({
      username: 'too short or too long',
      admin: 'is short',
      email: 'is no address',
    });
  });

  it('stands beside the field that has several, and says which of them', () => {
    const errors = [
      { field: 'addresses.1', message: 'is no URL' },
      { field: 'keys.all.0.d', message: 'is private' },
    ];
    const sentences = fieldSentences(problem({ code: 'malformed-request', errors }), 'list', words);
    expect(sentences).toMatchObject({ addresses: 'the one at 2', keys: 'no keys' });
    const many = problem({ code: 'malformed-request', errors: [{ field: 'addresses', message: 'are 21' }] });
    expect(fieldSentences(many, 'list', words)).toEqual({ addresses: 'too many' });
  });

  it("is the form's own beside a field that others have too", () => {
    const wrong = problem({ code: 'malformed-request', errors: [{ field: 'issuer', message: 'is long' }] });
    expect(fieldSentences(wrong, 'sso', words)).toEqual({ issuer: 'no issuer' });
    expect(fieldSentences(wrong, 'settings', words)).toEqual({ issuer: 'with a colon' });
  });
});
