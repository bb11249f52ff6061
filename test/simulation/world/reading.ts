import { as } from '../runtime/scheduler.js';
import { type Answer, type Call, requestOf, type World } from './world.js';

/** An event as a stream told it, and when. */
export interface Told {
  readonly at: number;
  /** To go on after. */
  readonly cursor: string;
  readonly id: string;
}

/** Reads a stream of events for so long, or until it ends. */
export async function readFor(world: World, call: Call, ms: number): Promise<Answer> {
  const { scheduler, faults } = world;
  await scheduler.pause(faults.trip());
  const process = world.instanceOf(call.endpoint.app);
  if (!process) return { status: 0, body: undefined };
  const opened = as(process, () => process.app!.inject({ ...requestOf(call), payloadAsStream: true }));
  const response = await Promise.race([opened, scheduler.pause(20_000)]);
  if (!response) return { status: 0, body: undefined };
  const told: Told[] = [];
  let text = '';
  const ended = new Promise<void>((resolve) => {
    const body = response.stream();
    body.on('data', (piece: Buffer) => {
      text += piece.toString();
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) told.push(...eventOf(message, scheduler.now));
    });
    for (const end of ['end', 'error', 'close']) body.on(end, () => resolve());
  });
  await Promise.race([ended, scheduler.pause(ms)]);
  response.raw.res.destroy();
  const { statusCode: status } = response;
  if (status >= 400) return { status, body: JSON.parse(text) as unknown };
  return { status, body: { told: told.filter(({ at }) => at <= scheduler.now) } };
}

/** Of a Server-Sent Event; others are there to keep the connection. */
function eventOf(message: string, at: number): Told[] {
  const [, cursor, data] = /^id: (.*)\nevent: .*\ndata: (.*)$/.exec(message) ?? [];
  return cursor === undefined ? [] : [{ at, cursor, id: (JSON.parse(data!) as { id: string }).id }];
}
