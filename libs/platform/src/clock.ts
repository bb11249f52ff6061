import { readFileSync } from 'node:fs';

/** Whole milliseconds since 1970. Everything that asks for the time asks one of these. */
export type Clock = () => number;

export const systemClock: Clock = Date.now;

/** For tests: the system's time moved by the seconds that stand in the file, read at each use; no file, no offset. */
export const fileClock = (path: string): Clock => {
  return () => {
    let text = '';
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      // no file yet: no offset
    }
    const seconds = Number(text.trim());
    return Date.now() + (Number.isFinite(seconds) ? Math.trunc(seconds * 1000) : 0);
  };
};
