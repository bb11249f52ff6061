import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { jest } from '@jest/globals';
import { RecentAnswers, REMEMBER_MS } from './recent-answers.js';

/** Each question with the way to answer it. */
function scripted(mayBeRemembered?: (answer: { n: number }) => boolean) {
  const asked: { key: string; answer: (n: number) => void; fail: (error: Error) => void }[] = [];
  const answers = new RecentAnswers(
    (key) =>
      new Promise<{ n: number }>((resolve, reject) => asked.push({ key, answer: (n) => resolve({ n }), fail: reject })),
    mayBeRemembered,
  );
  return { asked, answers: { of: (key: string) => answers.of(key, aContext()) } };
}

let now: number;
beforeEach(() => {
  now = Math.ceil(performance.now());
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => jest.restoreAllMocks());

describe('recent answers', () => {
  it.each([
    [REMEMBER_MS, ['a', 'b']],
    [REMEMBER_MS + 1, ['a', 'b', 'a']],
  ])('are given for a second from when they were asked for, to each key its own: %i ms', async (later, keys) => {
    const { asked, answers } = scripted();
    const [a, b] = [answers.of('a'), answers.of('b')];
    now += 400;
    asked[0]?.answer(1);
    asked[1]?.answer(2);
    expect([await a, await b]).toEqual([{ n: 1 }, { n: 2 }]);
    now += later - 400;
    void answers.of('a');
    expect(asked.map(({ key }) => key)).toEqual(keys);
  });

  it('that took longer than that are not remembered', async () => {
    const { asked, answers } = scripted();
    const slow = answers.of('a');
    now += REMEMBER_MS + 1;
    asked[0]?.answer(1);
    expect(await slow).toEqual({ n: 1 });
    void answers.of('a');
    expect(asked).toHaveLength(2);
  });

  it('are shared while they are on their way, for as long as they would be remembered', async () => {
    const { asked, answers } = scripted();
    const first = [answers.of('a')];
    now += REMEMBER_MS - 1;
    first.push(answers.of('a'));
    now += 1;
    const later = [answers.of('a'), answers.of('a')];
    expect(asked).toHaveLength(2);
    asked[1]?.answer(2);
    expect(await Promise.all(later)).toEqual([{ n: 2 }, { n: 2 }]);
    asked[0]?.answer(1);
    expect(await Promise.all(first)).toEqual([{ n: 1 }, { n: 1 }]);
  });

  it('that failed are told to all who waited, and asked for again', async () => {
    const { asked, answers } = scripted();
    const waiting = [answers.of('a'), answers.of('a')];
    asked[0]?.fail(new Error('away'));
    for (const answer of waiting) await expect(answer).rejects.toThrow('away');
    const next = answers.of('a');
    asked[1]?.answer(1);
    expect(await next).toEqual({ n: 1 });
  });

  it('are not remembered where they may not be, or may no more', async () => {
    let least = 2;
    const { asked, answers } = scripted(({ n }) => n >= least);
    for (const n of [1, 2]) {
      const answer = answers.of('a');
      asked.at(-1)?.answer(n);
      expect(await answer).toEqual({ n });
    }
    expect(await answers.of('a')).toEqual({ n: 2 });
    expect(asked).toHaveLength(2);
    least = 3;
    void answers.of('a');
    expect(asked).toHaveLength(3);
  });
});
