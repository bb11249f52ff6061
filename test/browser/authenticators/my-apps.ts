import type { Locator, Page } from 'playwright-core';
import type { TestClock } from '#test/support/clock.js';
import { Authenticator } from '#test/support/people/authenticator.js';
import { readQrPhoto } from '../support/phone.js';
import { t } from '../support/words.js';

export const APP = t('code.app');
export const NAME = t('authenticators.name');
export const ADD = t('authenticators.add');
/** What an app is called that nobody has named. */
export const FIRST = 'Authenticator app';

/** The authenticator apps on My profile, in one window. */
export class MyApps {
  constructor(
    private readonly page: Page,
    private readonly clock: TestClock,
  ) {}

  get list(): Locator {
    return this.page.getByRole('list', { name: t('authenticators.title') });
  }
  row(name: string): Locator {
    return this.list.getByRole('listitem').filter({ hasText: name });
  }
  button(step: 'rename' | 'remove', name: string): Locator {
    return this.list.getByRole('button', { name: t(`authenticators.${step}One`, { which: `${name}, ` }) });
  }
  names(): Promise<string[]> {
    return this.list.locator('strong').allInnerTexts();
  }

  /** Until its key is on the phone. */
  async begin(name: string): Promise<Authenticator> {
    await this.page.getByRole('button', { name: ADD, exact: true }).click();
    await this.page.getByLabel(NAME, { exact: true }).fill(name);
    await this.page.keyboard.press('Enter');
    return this.scan();
  }
  /** Its first code is of a step after that of an app which was removed just before (R18). */
  async scan(): Promise<Authenticator> {
    const picture = this.page.getByAltText(t('twoFactor.qrAlt'));
    await picture.waitFor();
    const uri = await readQrPhoto(await picture.screenshot());
    return new Authenticator(uri ?? 'nothing:', this.clock, this.clock.step());
  }
  async add(name: string): Promise<Authenticator> {
    const phone = await this.begin(name);
    await this.page.getByLabel(APP, { exact: true }).fill(phone.freshCode());
    await this.row(name).waitFor();
    return phone;
  }
  async remove(name: string): Promise<void> {
    await this.button('remove', name).click();
    const yes = new RegExp(`^${t('authenticators.remove')}`);
    await this.page.getByRole('alertdialog').getByRole('button', { name: yes }).click();
  }
}
