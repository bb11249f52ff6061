import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page, Request } from 'playwright-core';
import type { Person } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { t } from './words.js';

/** What takes a machine at work a while. */
const PATIENCE_MS = 20_000;

/** A window of a browser of its own, and what a person does in it: reads, types and presses what a screen reader names. */
export class Screen {
  /** What must not happen on any screen: errors, refusals by the Content Security Policy. */
  readonly faults: string[] = [];
  /** Of all requests, as they were sent: without a fragment. */
  readonly urls: string[] = [];
  private readonly unanswered = new Set<Request>();

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly origin: string,
  ) {}

  static async open(browser: Browser, origin: string, options: BrowserContextOptions = {}): Promise<Screen> {
    const context = await browser.newContext({
      baseURL: origin,
      locale: 'en-GB',
      timezoneId: 'UTC',
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.setDefaultNavigationTimeout(PATIENCE_MS);
    const screen = new Screen(context, page, origin);
    page.on('pageerror', (error) => screen.faults.push(error.message));
    page.on('console', (message) => {
      // a refusal by the server, or a server that is away, is a line in the browser's console too
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        screen.faults.push(message.text());
      }
    });
    page.on('request', (request) => {
      screen.urls.push(request.url().split('#', 1)[0]!);
      screen.unanswered.add(request);
    });
    page.on('requestfinished', (request) => screen.unanswered.delete(request));
    page.on('requestfailed', (request) => screen.unanswered.delete(request));
    return screen;
  }

  async go(path: string): Promise<this> {
    await this.page.goto(`/console${path}`);
    return this;
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }
  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }
  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name });
  }

  async type(label: string, text: string): Promise<void> {
    await this.field(label).fill(text);
  }
  /** Of a field that offers a few. */
  async choose(label: string, option: string): Promise<void> {
    await this.orTell(this.page.getByRole('button', { name: label }).click());
    await this.orTell(this.page.getByRole('option', { name: option, exact: true }).click());
  }
  async press(name: string): Promise<void> {
    await this.orTell(this.button(name).click());
  }
  async see(text: string | RegExp): Promise<void> {
    await this.orTell(this.page.getByText(text).first().waitFor());
  }
  async seeHeading(name: string | RegExp): Promise<void> {
    await this.orTell(this.heading(name).first().waitFor());
  }
  /** What did not happen, and what was on the screen instead. */
  async orTell(happening: Promise<unknown>): Promise<void> {
    try {
      await happening;
    } catch (error) {
      const asked = [...this.unanswered].map((request) => request.url()).join(' ');
      throw new Error(`${String(error)}\nunanswered: ${asked}\non the screen: ${await this.text()}`);
    }
  }

  /** All that stands there. */
  text(): Promise<string> {
    return this.page.locator('body').innerText();
  }
  async gone(text: string | RegExp): Promise<void> {
    await until(`${String(text)} is gone`, async () => (await this.page.getByText(text).count()) === 0, PATIENCE_MS);
  }

  /** Username and password, on the screen that is there, or in a new window on the login screen. */
  async enterPassword(person: Person, password = person.credentials.password): Promise<this> {
    if (!this.page.url().startsWith(`${this.origin}/console/`)) await this.go('/login');
    await this.type(t('login.portal'), person.portal);
    await this.type(t('login.username'), person.credentials.username);
    await this.type(t('login.password'), password);
    await this.press(t('login.action'));
    return this;
  }

  /** Six digits are sent by the last of them. */
  async enterCode(code: string): Promise<void> {
    await this.type(t('code.app'), code);
    if (!/^[0-9]{6}$/.test(code)) await this.press(t('action.continue'));
  }
  async enterBackupCode(code: string): Promise<void> {
    await this.press(t('code.useBackup'));
    await this.type(t('code.backup'), code);
    await this.press(t('action.continue'));
  }

  /** On the page that an application sends people to, which knows the portal. */
  async enterPasswordForApplication({ credentials: { username, password } }: Person): Promise<void> {
    await this.type(t('login.username'), username);
    await this.type(t('login.password'), password);
    await this.press(t('login.action'));
  }
  /** The same, with the code that is asked for then. */
  async logInForApplication(person: Person): Promise<void> {
    await this.enterPasswordForApplication(person);
    await this.seeHeading(t('login.codeTitle'));
    await this.enterCode(person.phone.freshCode());
  }

  /** With whatever is asked for; ends where the path leads after a login. */
  async logIn(person: Person, path = '/login'): Promise<this> {
    await this.go(path);
    await this.enterPassword(person);
    const code = this.field(t('code.app'));
    const within = this.page.locator('header').getByRole('button');
    await this.orTell(code.or(within).first().waitFor());
    if (await code.isVisible()) await this.enterCode(person.phone.freshCode());
    await this.orTell(within.waitFor());
    return this;
  }

  /** Who a change is asked to prove to be (R14), of whom the password is enough. */
  async prove({ credentials: { password } }: Person): Promise<void> {
    await this.seeHeading(t('proof.title'));
    await this.page.getByRole('dialog').getByLabel(t('login.password'), { exact: true }).fill(password);
    await this.page.keyboard.press('Enter');
    await this.heading(t('proof.title')).waitFor({ state: 'detached' });
  }

  async logOut(): Promise<void> {
    await this.page.locator('header').getByRole('button').last().click();
    await this.page.getByRole('menuitem', { name: t('shell.logOut') }).click();
    await this.seeHeading(t('login.title'));
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
