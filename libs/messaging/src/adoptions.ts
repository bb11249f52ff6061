import { setTimeout as sleep } from 'node:timers/promises';
import { type RecordedEvent, type SourceApp, sourceOf } from '#libs/contracts/src/events/event.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { adoptedRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Records } from '#libs/engine/src/port.js';
import type { Requests } from './requests.js';

export const streamOf = (event: Pick<RecordedEvent, 'portal' | 'account'>): string =>
  event.account === undefined ? event.portal : `${event.portal}/${event.account}`;

export interface StreamPoint {
  readonly source: SourceApp;
  readonly stream: string;
  readonly version: number;
}

/** How long a change may wait for the other apps to act by it (R28). */
const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 20;

/**
 * Which events of the others this app acts by already. An event handler records the event after its effect is durable;
 * the app that made the change waits for it before it answers (R28).
 */
export class Adoptions {
  constructor(private readonly records: Records<number>) {}

  async record(event: RecordedEvent): Promise<void> {
    await this.records.put([sourceOf(event.type), streamOf(event)], event.streamVersion);
  }

  /** False: not within the time. */
  async reached(point: StreamPoint, patienceMs = PATIENCE_MS): Promise<boolean> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const version = await this.records.get([point.source, point.stream]);
      if (version !== undefined && version >= point.version) return true;
      if (performance.now() >= deadline) return false;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

/** The other side: waits until these apps act by a change that was just recorded. */
export class Effects {
  constructor(private readonly requests: Requests) {}

  /** @throws Problem `not-yet-effective` after 5 seconds; the change is recorded all the same */
  async reached(apps: readonly Exclude<AppName, 'audit'>[], point: StreamPoint): Promise<void> {
    try {
      await Promise.all(apps.map((app) => this.requests.send(adoptedRequests[app], point)));
    } catch (error) {
      if (error instanceof Problem) {
        throw new Problem('not-yet-effective', 'The change is recorded and takes effect by itself.', { retryAfter: 1 });
      }
      throw error;
    }
  }
}
