import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 15;

/** Asks again until the answer is not false, null or undefined. Throws with `what` after `withinMs`. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  withinMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  return asking(ask, () => {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
  });
}

/**
 * The same for what must happen within a second. It is counted in questions, some sixty a second: where others have the
 * processor, they take longer, as the product does.
 */
export async function withinASecond<T>(what: string, ask: Parameters<typeof until<T>>[1]): Promise<T> {
  let left = 1_000 / PAUSE_MS;
  return asking(ask, () => {
    left -= 1;
    if (left < 0) throw new Error(`not within a second: ${what}`);
  });
}

async function asking<T>(ask: Parameters<typeof until<T>>[1], patience: () => void): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer;
    patience();
    await sleep(PAUSE_MS);
  }
}
