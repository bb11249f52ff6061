import { Problem } from '#libs/contracts/src/problems.js';
import { StoreDamaged, StoreUnavailable } from '#libs/engine/src/port.js';
import { isOutage, outline, problemOf } from './failures.js';

describe('what is kept of an error', () => {
  it.each([
    ['one line', 'hunter2'],
    ['several lines', 'first\n    at hunter2 (second)\nthird hunter2'],
  ])('is its kind and its place, never its message of %s', (_, message) => {
    expect(outline(new TypeError(message))).toMatch(/^TypeError at .*failures\.unit\.spec/);
    expect(outline(new TypeError(message))).not.toContain('hunter2');
  });

  it('is the code of a problem and the message of a store, which quote nothing', () => {
    expect(outline(new Problem('wrong-code', 'hunter2'))).toMatch(/^Problem wrong-code at /);
    expect(outline(new StoreDamaged('stream demo/a1'))).toMatch(/^StoreDamaged: stream demo\/a1 at /);
  });

  it.each([
    ['type', 'NOT_LEADER_FOR_PARTITION'],
    ['code', 'ECONNREFUSED'],
  ])('is the %s by which its makers know it, %s', (property, name) => {
    expect(outline(Object.assign(new TypeError('hunter2'), { [property]: name }))).toMatch(`TypeError ${name} at `);
    expect(outline(Object.assign(new TypeError('x'), { [property]: 'hunter2 typed' }))).not.toContain('hunter2');
  });

  it('is the kind alone of what is no error', () => {
    expect(outline('hunter2')).toBe('thrown string');
  });
});

describe('the problem of an error', () => {
  it('is its own, also when it comes as a document', () => {
    const problem = new Problem('wrong-code', 'No.', { attemptsLeft: 1 });
    expect(problemOf(problem)).toBe(problem);
    expect(problemOf(problem.toDocument()).toDocument()).toEqual(problem.toDocument());
  });

  it('is `unavailable` for a store that is away, and tells nothing of all else', () => {
    expect(problemOf(new StoreUnavailable('disk full')).toDocument()).toMatchObject({ status: 503, retryAfter: 1 });
    expect(problemOf(new TypeError('hunter2')).toDocument()).toEqual(new Problem('internal-error').toDocument());
  });
});

describe('an outage', () => {
  it.each([
    [new StoreUnavailable('disk full'), true],
    [new Problem('unavailable'), true],
    [new Problem('not-yet-effective'), true],
    [new Problem('not-found'), false],
    [new StoreDamaged('stream demo/a1'), false],
    [new TypeError('x'), false],
  ])('passes by itself: %s is one: %s', (error, expected) => {
    expect(isOutage(error)).toBe(expected);
  });
});
