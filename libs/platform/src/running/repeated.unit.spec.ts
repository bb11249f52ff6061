import { jest } from '@jest/globals';
import { Repeated } from './repeated.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('goes on after a failure, which is told, and ends when it is stopped', async () => {
  const failures: unknown[] = [];
  let turns = 0;
  const repeated = new Repeated(
    async () => {
      turns += 1;
      if (turns === 1) throw new Error('away');
    },
    1000,
    (error) => failures.push(error),
  );
  repeated.start();
  await jest.advanceTimersByTimeAsync(3_500);
  expect(turns).toBe(3);
  expect(failures).toEqual([new Error('away')]);
  await repeated.stop();
  await jest.advanceTimersByTimeAsync(3_500);
  expect(turns).toBe(3);
});

it('is never done twice at once, and is waited for by stop', async () => {
  let turns = 0;
  let finish = () => {};
  const repeated = new Repeated(
    () => {
      turns += 1;
      return new Promise((resolve) => (finish = resolve));
    },
    1000,
    () => {},
  );
  repeated.turn();
  repeated.turn();
  repeated.start();
  await jest.advanceTimersByTimeAsync(2_500);
  expect(turns).toBe(1);
  let stopped = false;
  const stopping = repeated.stop().then(() => (stopped = true));
  await jest.advanceTimersByTimeAsync(0);
  expect(stopped).toBe(false);
  finish();
  await stopping;
});
