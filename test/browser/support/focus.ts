import type { Locator, Page } from 'playwright-core';
import { until } from '#test/support/until.js';
import type { Screen } from './person-at-a-browser.js';

/** What has the focus: its name, its label or its text; `the page` when nothing has. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(`(({ body, activeElement: at }) =>
    at === null || at === body ? 'the page'
      : (at.getAttribute('aria-label') ?? at.getAttribute('name') ?? at.innerText).trim())(document)`);

export const focusIsOn = ({ page }: Screen, name: string) =>
  until(`the focus is on ${name}`, async () => (await focused(page)) === name).catch(async (error) => {
    throw new Error(`${String(error)}: it is on ${await focused(page)}`);
  });

/** By the keyboard, as who needs the focus does it. */
export async function press(screen: Screen, button: string | Locator): Promise<void> {
  const found = typeof button === 'string' ? screen.button(button) : button;
  // while a step is under way the others do nothing
  await found.and(screen.page.locator(':not([aria-disabled=true])')).focus();
  await screen.page.keyboard.press('Enter');
}

/** What of the focused element can be seen: nothing lies over it, and it is within the window. */
const SEEN = `(() => {
  const at = document.activeElement;
  if (at === null || at === document.body) return { name: 'the page', seen: true };
  const name = (at.getAttribute('aria-label') ?? at.getAttribute('name') ?? at.innerText).trim().slice(0, 60);
  // of a check box or a switch, what one sees of it
  const shown = at.closest('label') ?? at;
  const { left, top, width, height } = shown.getBoundingClientRect();
  const clear = [0.1, 0.5, 0.9].map((share) => {
    const [x, y] = [left + Math.min(width / 2, innerWidth / 2), top + height * share];
    const hit = document.elementFromPoint(x, y);
    return hit !== null && (shown.contains(hit) || hit.contains(shown));
  });
  return { name, seen: height > innerHeight / 2 ? clear.some(Boolean) : clear.every(Boolean) };
})()`;

/** Goes through everything that `key` reaches, at most `most` of it; answers with what was covered when it had the focus. */
export async function coveredOnTheWay(page: Page, key: 'Tab' | 'Shift+Tab', most = 80): Promise<string[]> {
  const covered: string[] = [];
  await page.evaluate('document.activeElement?.blur()');
  for (let i = 0; i < most; i += 1) {
    await page.keyboard.press(key);
    const { name, seen } = await page.evaluate<{ name: string; seen: boolean }>(SEEN);
    if (name === 'the page') break;
    if (!seen) covered.push(name);
  }
  return covered;
}
