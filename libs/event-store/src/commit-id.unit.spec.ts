import { newCommitId } from './commit-id.js';

it('is a UUID of version 7 that says when it was made', () => {
  const id = newCommitId(Date.UTC(2026, 10, 28));
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(Date.UTC(2026, 10, 28));
});

it('is another each time, in the order of the milliseconds', () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => newCommitId(index));
  expect(new Set(ids).size).toBe(1_000);
  expect([...ids].sort()).toEqual(ids);
});
