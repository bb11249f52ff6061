import { usePortal } from '#test/support/use-stack.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack);

const forced = async (path: string): Promise<Screen> => {
  const screen = await (
    await stage.open()
  ).logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}${path}`)}`);
  await screen.page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  return screen;
};

/** The colours of what is drawn there, from many to few pixels. */
async function coloursOf(screen: Screen, selector: string): Promise<string[]> {
  await screen.page.mouse.move(0, 0);
  const picture = await screen.page.locator(selector).first().screenshot();
  return screen.page.evaluate<string[]>(
    `(async () => {
      const image = new Image();
      image.src = 'data:image/png;base64,${picture.toString('base64')}';
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
      const pen = canvas.getContext('2d');
      pen.drawImage(image, 0, 0);
      const { data } = pen.getImageData(0, 0, image.width, image.height);
      const count = {};
      for (let i = 0; i < data.length; i += 4) {
        const colour = data.slice(i, i + 3).join(' ');
        count[colour] = (count[colour] ?? 0) + 1;
      }
      return Object.entries(count).sort(([, a], [, b]) => b - a).map(([colour]) => colour);
    })()`,
  );
}

describe('with the colours of the system alone', () => {
  it('a switch that is on is told from one that is off', async () => {
    const screen = await forced('/settings/security');
    const track = '[class*=_track_]';
    await screen.page.locator(track).first().waitFor();
    const on = await coloursOf(screen, track);
    await screen.page.getByText(t('settings.fields.enabled.label')).click();
    const off = await coloursOf(screen, track);
    expect(on[0]).not.toBe(off[0]);
    // and its thumb from its track
    expect([on.length > 1, off.length > 1]).toEqual([true, true]);
  });

  it('a box that is ticked is told from one that is not', async () => {
    const screen = await forced('/contributors/new');
    const box = '[class*=_box_]';
    await screen.page.locator(box).first().waitFor();
    const empty = await coloursOf(screen, box);
    await screen.page
      .locator('label')
      .filter({ hasText: t('account.administrator') })
      .click();
    const ticked = await coloursOf(screen, box);
    expect(ticked[0]).not.toBe(empty[0]);
  });

  it('the place in the navigation where one is is told from the others', async () => {
    const screen = await forced('/contributors');
    await screen.page.locator('nav a[aria-current]').waitFor();
    const here = await coloursOf(screen, 'nav a[aria-current]');
    const elsewhere = await coloursOf(screen, 'nav a:not([aria-current])');
    expect(here[0]).not.toBe(elsewhere[0]);
  });

  it('the choice that the keyboard is at is told from the others', async () => {
    const screen = await forced('/contributors/new');
    await screen.page.getByRole('button', { name: t('account.role') }).focus();
    await screen.page.keyboard.press('Enter');
    await screen.page.getByRole('option').first().waitFor();
    const at = await coloursOf(screen, '[role=option][data-focused]');
    const other = await coloursOf(screen, '[role=option]:not([data-focused])');
    expect(at[0]).not.toBe(other[0]);
  });

  it('a button that deletes is told from one that does not yet', async () => {
    const person = await portal.register();
    const { username } = person.credentials;
    const screen = await forced(`/contributors/${person.id}`);
    await screen.press(t('contributors.delete.begin'));
    const button = '[role=dialog] button[class*=_danger_]';
    await screen.page.locator(button).waitFor();
    const still = await coloursOf(screen, button);
    await screen.type(t('contributors.delete.type', { username }), username);
    const ready = await coloursOf(screen, button);
    expect(ready.slice(0, 2)).not.toEqual(still.slice(0, 2));
  });

  it('the bars of the chart are told apart, as its legend says', async () => {
    const person = await (await portal.enrolled()).lock();
    await person.enterWrongPassword();
    const screen = await forced('/activity?range=hour');
    await screen.page.locator('figure canvas').first().waitFor();
    const drawn = await Promise.all([1, 2, 3].map((nth) => swatch(screen, nth)));
    expect(new Set(drawn).size).toBe(3);
  });

  const swatch = async (screen: Screen, nth: number): Promise<string> =>
    (
      await screen.page
        .locator('figcaption i')
        .nth(nth - 1)
        .screenshot()
    ).toString('base64');
});
