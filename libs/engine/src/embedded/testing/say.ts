import { writeSync } from 'node:fs';

/** Tells the process that started this one, at once: what is said is said, also when a kill comes next. */
export function say(line: string): void {
  for (let rest = Buffer.from(`${line}\n`); rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // the pipe is full until somebody reads
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
