import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { BrokenChainError, follow, overHttp } from '#libs/client/src/events/events.js';
import { type ReadableEvent, TransportError } from '#libs/client/src/index.js';
import type { Calling } from '../calls/calling.js';
import { answerList } from '../calls/pages.js';
import { CommandError, usageError } from '../command/exit.js';
import type { Options } from '../command/leaf.js';
import { harmless, styled, tell } from '../command/output.js';

/** As the calls have it. */
const filterOf = ({ account, type, correlationId, actor, from, to }: Options) => ({
  account,
  type,
  correlationId,
  actor,
  from,
  to,
});

export async function listEvents(asked: Calling<'listEvents'>, options: Options): Promise<void> {
  const portal = await asked.portal();
  const { id, order } = options;
  const page = (of: object) => asked.call('listEvents', { portal, ...filterOf(options), id, order, ...of });
  await answerList(options, page, 'events', {
    time: ({ time }) => time,
    type: ({ type }) => type,
    account: (event) => event.account,
    who: ({ plain }) => plain?.person?.username,
    actor: ({ actor }) => actor,
    data: ({ data }) => JSON.stringify(data),
  });
}

/** Those of what has been recorded. */
const ofLists = ['to', 'id', 'order', 'limit', 'after', 'all'] as const;

/** Until it is stopped, or what comes is not what was recorded; goes on by itself where a connection ended, after the last event that was shown. */
export async function followEvents(asked: Calling<'streamEvents'>, options: Options): Promise<void> {
  const without = ofLists.find((name) => options[name] !== undefined);
  if (without !== undefined) throw usageError(`--follow goes without --${without}`);
  const { origin, token = '' } = await asked.place;
  const { type: types, from = 'now', ...filter } = filterOf(options);
  let reached = false;
  let away = false;
  const source = overHttp({
    url: origin,
    token,
    portal: await asked.portal(),
    ...(filter as Readonly<Record<string, string>>),
    types: types as readonly string[] | undefined,
    from: from as string,
    onConnected: () => {
      if (away) tell('The connection is back.');
      [reached, away] = [true, false];
    },
    onDisconnected: (reason) => {
      // an address that never answered may be a wrong one
      if (!reached && reason !== undefined) throw reason;
      if (reason !== undefined && !away) tell(`${harmless(reason.message)}. Trying again …`);
      away ||= reason !== undefined;
    },
  });
  const begin = (key: string) => (key.startsWith('cursor:') ? (options.lastEventId as string | undefined) : undefined);
  // what was shown is kept nowhere: who goes on later says after which
  const positions = { load: begin, save: () => undefined };
  await follow(source, { positions, handle: (event) => shown(event, options) }).catch((error: unknown) => {
    if (!(error instanceof BrokenChainError)) throw error;
    throw new CommandError('fault', `${error.message}. Have the operator run twinlock verify.`, {
      code: 'broken-chain',
    });
  });
}

async function shown(event: ReadableEvent, { json }: Options): Promise<void> {
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
  const { twinlock } = await asked.place;
  const args = { ...filterOf(options), order, portal: await asked.portal() } as Parameters<
    typeof twinlock.exportEvents
  >[0];
  const parts =
    format === 'csv'
      ? twinlock.exportEvents({ ...args, format })
      : lines(twinlock.exportEvents({ ...args, format: 'ndjson' }));
  try {
    if (file === undefined) await pipeline(parts, process.stdout, { end: false });
    else await pipeline(parts, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === 'open' || syscall === 'write')
      throw new CommandError('fault', `${file ?? 'the output'} cannot be written (${code})`);
    if (!(error instanceof TransportError) || error.answered.status !== 200) throw error;
    throw new CommandError('unavailable', 'The export broke off: what was written is not the whole.');
  }
  if (file !== undefined) tell(`Written to ${file} (readable only by its owner).`);
}

async function* lines(values: AsyncIterable<unknown>): AsyncGenerator<string, void> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}
