import { jest } from '@jest/globals';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { Stack } from '#test/support/process/stack.js';
import { useStack } from '#test/support/use-stack.js';
import { startBrowser } from './chromium.js';
import { Screen } from './person-at-a-browser.js';
import { t } from './words.js';

/** The product and a browser for the tests of a file; after each test all screens are looked at and closed. */
export class Stage {
  browser!: Browser;
  private readonly screens: Screen[] = [];

  constructor(readonly stack: Stack) {}

  async open(options: BrowserContextOptions = {}): Promise<Screen> {
    const screen = await Screen.open(this.browser, this.stack.origin, options);
    this.screens.push(screen);
    return screen;
  }

  /** The operator, on one of their pages. */
  async openAsOperator(path: string, options: BrowserContextOptions = {}, words = t): Promise<Screen> {
    const screen = await (await this.open(options)).go(path);
    await screen.type(words('operator.token'), this.stack.operatorToken);
    await screen.press(words('action.continue'));
    return screen;
  }

  async start(): Promise<void> {
    this.browser = await startBrowser();
  }
  async stop(): Promise<void> {
    await this.browser?.close();
  }

  /** What must hold on every screen, whatever was done there. */
  async check(): Promise<void> {
    const screens = this.screens.splice(0);
    try {
      for (const screen of screens) {
        expect(screen.faults).toEqual([]);
        await checkNothingIsKept(screen);
      }
    } finally {
      await Promise.all(screens.map((screen) => screen.close()));
    }
  }
}

export function useStage(stack: Stack = useStack()): Stage {
  // a browser on a machine at work takes its time
  jest.setTimeout(120_000);
  const stage = new Stage(stack);
  beforeAll(() => stage.start());
  afterEach(() => stage.check());
  afterAll(() => stage.stop());
  return stage;
}

const KEPT =
  'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state, location.href])';

/** No token where a script, a proxy or the history could find it. */
async function checkNothingIsKept({ context, page, urls }: Screen): Promise<void> {
  const kept = await page.evaluate<string>(KEPT);
  // not those of an application on this machine, which are its own
  const cookies = (await context.cookies()).filter(({ name }) => /^(__Host-)?twinlock-/.test(name));
  // an application's page sends people to the OpenID Provider, whose cookies come with them
  const fromElsewhere = /^twinlock-(op-session|interaction|resume)(\.sig)?$/;
  const isTooOpen = ({ name, httpOnly, sameSite }: (typeof cookies)[number]) =>
    !httpOnly || sameSite !== (fromElsewhere.test(name) ? 'Lax' : 'Strict');
  expect(cookies.filter(isTooOpen)).toEqual([]);
  // an interaction is named in the page's address; what counts is its signature
  const named = /^twinlock-(interaction|resume)$/;
  const secrets = cookies.filter(({ name }) => !named.test(name)).map(({ value }) => decodeURIComponent(value));
  for (const place of [kept, ...urls]) {
    expect([place, /(ses|lgn|svc|pwl)_|otpauth/.test(place.replace(/^data:.*/, ''))]).toEqual([place, false]);
    for (const secret of secrets) expect([place, place.includes(secret)]).toEqual([place, false]);
  }
}
