import { readFileSync } from 'node:fs';

/** Linux counts the processor time of a process in hundredths of a second (USER_HZ). */
const TICK_US = 10_000;

/** Processor time of all threads of a process, microseconds; null where there is no /proc. */
export function cpuOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // the name of the program, in brackets, may hold anything
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  } catch {
    return null;
  }
}

export interface Memory {
  /** Resident set, MB: with the pages of files that are mapped. */
  readonly rss: number;
  /** Of it, what is no file: heap, stacks, buffers. */
  readonly anonymous: number;
}

export function memoryOf(pid: number): Memory | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024;
    return { rss: mb('VmRSS'), anonymous: mb('RssAnon') };
  } catch {
    return null;
  }
}
