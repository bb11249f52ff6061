import { setTimeout as pause } from 'node:timers/promises';

/** Waits until the expectation holds; then its failure, after that time, is the test's. */
export async function eventually(expectation: () => unknown, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await expectation();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(5);
    }
  }
}
