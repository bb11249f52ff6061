import { problemOf } from './problem.js';

describe('the problem of an answer', () => {
  it('is the document as it came', () => {
    const body = { code: 'wrong-code', status: 401, detail: 'x', attemptsLeft: 3 };
    expect(problemOf(401, body)).toBe(body);
  });

  it.each([
    [502, '<html>', 'unavailable'],
    [503, undefined, 'unavailable'],
    [504, null, 'unavailable'],
    [500, {}, 'internal-error'],
    [404, { code: 'of-another-program', detail: 'x' }, 'internal-error'],
  ])('is made of the status %s where another program answered', (status, body, code) => {
    expect(problemOf(status, body)).toEqual({ code, status, detail: '' });
  });
});
