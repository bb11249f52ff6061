import type { RecordedEvent } from '../../api/queries.js';
import { deviceOf } from '../../parts/device.js';

type Plain = NonNullable<RecordedEvent['plain']>;
/** What is personal in an event: `gone`, its key was destroyed; undefined, there was none. */
type Told<Part extends keyof Plain> = NonNullable<Plain[Part]> | 'gone' | undefined;

function partOf<Part extends keyof Plain>({ personal, plain }: RecordedEvent, part: Part): Told<Part> {
  if (personal?.[part] === undefined) return undefined;
  return plain?.[part] ?? 'gone';
}
export const personOf = (event: RecordedEvent) => partOf(event, 'person');
export const originOf = (event: RecordedEvent) => partOf(event, 'origin');

/** Where an act came from, as a row tells it. */
export interface Whence {
  readonly address?: string | undefined;
  readonly device?: string | undefined;
  /** A gateway says so. */
  readonly told: boolean;
  /** It can be read no longer. */
  readonly gone: boolean;
}

export function whenceOf(event: RecordedEvent): Whence {
  const origin = originOf(event);
  if (origin === 'gone') return { told: false, gone: true };
  const { address, userAgent, toldBy } = origin ?? {};
  return { address, device: userAgent && deviceOf(userAgent), told: toldBy !== undefined, gone: false };
}
