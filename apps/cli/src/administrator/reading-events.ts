import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import type { Calling } from '../calls/calling.js';
import { answerList } from '../calls/pages.js';
import { CommandError, usageError } from '../command/exit.js';
import type { Options } from '../command/leaf.js';
import { harmless, styled, tell } from '../command/output.js';
import { failureOf } from '../calls/sending.js';
import { filterOf } from './events.js';

/** Between two tries to go on, unless the product says another. */
const PAUSE_MS = 1_000;

export async function listEvents(asked: Calling<'listEvents'>, options: Options): Promise<void> {
  const params = { portal: await asked.portal() };
  const { id, order } = options;
  const page = (of: object) => asked.call('listEvents', { params, query: { ...filterOf(options), id, order, ...of } });
  await answerList(options, page, 'events', {
    time: ({ time }) => time,
    type: ({ type }) => type,
    account: (event) => event.account,
    who: ({ plain }) => plain?.person?.username,
    actor: ({ actor }) => actor,
    data: ({ data }) => JSON.stringify(data),
  });
}

/** Until it is stopped; goes on by itself where the connection ended, after the last event that was shown. */
export async function followEvents(asked: Calling<'streamEvents'>, filter: object, options: Options): Promise<void> {
  const params = { portal: await asked.portal() };
  let last = options.lastEventId as string | undefined;
  // where nothing came yet, it goes on from its own beginning
  let since: string | undefined;
  for (let told = false; ;) {
    try {
      const from = last === undefined ? since : undefined;
      const query = { ...filter, ...(from !== undefined && { from }) };
      const headers = { accept: 'text/event-stream', ...(last !== undefined && { 'last-event-id': last }) };
      const response = await asked.open('streamEvents', { params, query, headers });
      since ??= startOf(response);
      if (told) tell('The connection is back.');
      told = false;
      const events = response.body!.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      for await (const { id, data } of events) {
        if (data === '') continue;
        await shown(data, options);
        last = id ?? last;
      }
    } catch (error) {
      const failure = failureOf(error, (await asked.place).origin.href);
      // what does not pass by itself
      if (failure.exit !== 'unavailable') throw failure;
      if (since === undefined) throw failure;
      if (!told) tell(`${failure.message} Trying again …`);
      told = true;
    }
    await pause(PAUSE_MS);
  }
}

/** By the product's clock. */
function startOf({ headers }: Response): string {
  return new Date(headers.get('date') ?? Date.now()).toISOString();
}

async function shown(text: string, { json }: Options): Promise<void> {
  const event = JSON.parse(text) as ReadableEvent;
  const { time, type, account, plain, data } = event;
  const who = plain?.person?.username ?? account ?? '-';
  const line =
    json === true
      ? JSON.stringify(event)
      : `${styled(time, 'dim')}  ${styled(type, 'bold')}  ${harmless(who)}  ${harmless(JSON.stringify(data))}`;
  // no faster than it is read
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

export async function exportEvents(asked: Calling<'exportEvents'>, options: Options): Promise<void> {
  const { order, format, output } = options;
  const file = output as string | undefined;
  if (file !== undefined && existsSync(file)) throw usageError(`${file} is there already`);
  const params = { portal: await asked.portal() };
  const response = await asked.open('exportEvents', { params, query: { ...filterOf(options), order, format } });
  try {
    if (file === undefined) await pipeline(response.body!, process.stdout, { end: false });
    else await pipeline(response.body!, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === 'open' || syscall === 'write')
      throw new CommandError('fault', `${file ?? 'the output'} cannot be written (${code})`);
    throw new CommandError('unavailable', 'The export broke off: what was written is not the whole.', {
      code: 'unavailable',
    });
  }
  if (file !== undefined) tell(`Written to ${file} (readable only by its owner).`);
}
