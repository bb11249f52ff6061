import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { accessibilityFaults } from './accessibility.js';
import type { Screen } from './person-at-a-browser.js';

const looks = {
  light: { colorScheme: 'light', width: 1120, height: 760 },
  dark: { colorScheme: 'dark', width: 1120, height: 760 },
  phone: { colorScheme: 'light', width: 390, height: 800 },
} as const;

/** Where the pictures of the screens go; undefined: none are taken. */
const folder = process.env.SCREENS;

/** Colours that are on their way from one look to another are of neither. */
const SETTLED =
  'Promise.allSettled(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished))';

/** Looks at what is on the screen in each look: nothing wrong for assistive technology, nothing cut off at the side. */
export async function lookAt(name: string, { page }: Screen): Promise<void> {
  for (const [look, { colorScheme, width, height }] of Object.entries(looks)) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    await page.evaluate(SETTLED);
    expect([look, await accessibilityFaults(page)]).toEqual([look, []]);
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect([look, wide <= width]).toEqual([look, true]);
    if (folder === undefined) continue;
    mkdirSync(folder, { recursive: true });
    // what stays at the edges of the window is where it is at the top of the page
    await page.evaluate('scrollTo(0, 0)');
    await page.screenshot({
      path: join(folder, `${name}-${look}.png`),
      animations: 'disabled',
      caret: 'hide',
      fullPage: true,
    });
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(looks.light);
}
