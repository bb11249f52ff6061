/**
 * What a browser and a system are called, of those that are known: whoever sends a user agent can write anything in it, and a mail
 * from the portal is no place for that.
 */
export function agentName(userAgent: string): { readonly browser?: string; readonly system?: string } {
  const browser = firstOf(browsers, userAgent);
  const system = firstOf(systems, userAgent);
  return { ...(browser !== undefined && { browser }), ...(system !== undefined && { system }) };
}

type Known = readonly (readonly [RegExp, string])[];
/** Most call themselves like those further down, too. */
const browsers: Known = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: Known = [
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

const firstOf = (known: Known, text: string): string | undefined => known.find(([pattern]) => pattern.test(text))?.[1];
