import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's: the one without windows is the quicker. */
const DEBIAN = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const args = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser that `CHROMIUM` names, else the system's, else the one that `npx playwright-core install chromium` brings. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? DEBIAN.find((path) => existsSync(path));
  // a browser that root runs has no sandbox
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({
    args: [...sandbox, ...args],
    timeout: 60_000,
    ...(executablePath !== undefined && { executablePath }),
  });
}
