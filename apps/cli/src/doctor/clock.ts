import { failure, type Finding, warning, well } from './finding.js';

const CHECK = 'clock';
/** Codes are good for a step of 30 seconds beside their own; what apps ask one another over Kafka, for a minute. */
const WRONG_MS = 30_000;
const OFF_MS = 5_000;
/** How exact a Date header is. */
const SECOND_MS = 1_000;

/** Another clock, and how far ahead of it this one is, in milliseconds. */
export interface OtherClock {
  readonly of: string;
  readonly aheadMs: number;
}

/** What was read between `asked` and `answered` is compared with the middle, and nothing is made of what the way took. */
export function otherClock(of: string, read: number, asked: number, answered: number, exactMs = 0): OtherClock {
  const apart = (asked + answered) / 2 - (read + exactMs / 2);
  const unsure = (answered - asked + exactMs) / 2;
  return { of, aheadMs: Math.abs(apart) <= unsure ? 0 : apart - Math.sign(apart) * unsure };
}

export const ofDateHeader = (of: string, date: string, asked: number, answered: number): OtherClock =>
  otherClock(of, Date.parse(date), asked, answered, SECOND_MS);

export function clockAgainst(others: readonly OtherClock[]): Finding {
  const [worst] = [...others].sort((one, other) => Math.abs(other.aheadMs) - Math.abs(one.aheadMs));
  if (worst === undefined)
    return warning(
      CHECK,
      'there is nothing to compare it with',
      'Start the product, or name one with --url; and let NTP run.',
    );
  const seconds = Math.round(Math.abs(worst.aheadMs) / 1_000);
  const says = `${seconds} s ${worst.aheadMs < 0 ? 'behind' : 'ahead of'} ${worst.of}`;
  const todo = 'Set the clocks by NTP (timedatectl set-ntp true): codes depend on the time.';
  if (Math.abs(worst.aheadMs) >= WRONG_MS) return failure(CHECK, says, todo);
  if (Math.abs(worst.aheadMs) >= OFF_MS) return warning(CHECK, says, todo);
  return well(CHECK, `as ${others.map(({ of }) => of).join(', ')}`);
}
