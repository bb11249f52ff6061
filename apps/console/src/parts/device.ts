import Bowser from 'bowser';

/**
 * With what a person came, in a few words, as their browser tells it: `Firefox 128 · Windows`. What is no browser is told by
 * the first word that it says of itself. Of the system there is no version: browsers tell an old one for good.
 */
export function deviceOf(userAgent: string): string {
  const { browser, os } = userAgent.trim() === '' ? { browser: {}, os: {} } : Bowser.parse(userAgent);
  const [version = ''] = (browser.version ?? '').split('.');
  const name = [browser.name, version].filter(Boolean).join(' ');
  if (!browser.name) return userAgent.trim().split(/\s/, 1)[0]!.slice(0, 40);
  return [name, os.name].filter(Boolean).join(' · ');
}
