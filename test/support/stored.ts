import { join } from 'node:path';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { sourceApps } from '#libs/contracts/src/events/events.js';
import { type EmbeddedEngine, openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import type { Engine } from '#libs/engine/src/port.js';
import { shortType } from './events.js';

/** Looks into the store of one app, beside the product or after it. */
export async function lookInto<T>(
  dataDir: string,
  app: AppName,
  look: (engine: EmbeddedEngine) => Promise<T>,
): Promise<T> {
  const engine = await openEmbeddedEngine({ path: join(dataDir, app), name: app, readOnly: true });
  try {
    return await look(engine);
  } finally {
    await engine.close();
  }
}

/** Every event of a log by its stream, in their HTTP form. */
export async function eventsIn({ log }: Pick<Engine, 'log'>): Promise<Map<string, RecordedEvent[]>> {
  const streams = new Map<string, RecordedEvent[]>();
  for (let after = 0; ;) {
    const items = await log.feed.read(after, 500);
    const last = items.at(-1);
    if (!last) return streams;
    after = last.position;
    for (const { commit } of items) {
      const events = commit.events.map(
        ({ body, hash }) => ({ ...(JSON.parse(body) as object), hash }) as RecordedEvent,
      );
      streams.set(commit.stream, [...(streams.get(commit.stream) ?? []), ...events]);
    }
  }
}

/** How many events of a portal the logs hold. */
export async function countEvents(dataDir: string, portal: string): Promise<number> {
  let count = 0;
  for (const app of sourceApps) {
    for (const [stream, events] of await lookInto(dataDir, app, eventsIn)) {
      if (stream === portal || stream.startsWith(`${portal}/`)) count += events.length;
    }
  }
  return count;
}

/**
 * What the vault holds and what it ought to, as `portal/account/id`: one entry for each secret and backup-code set that is
 * not ended. `isNew`: noted as stored for an event to come, which a crash may have cut off.
 */
export async function vaultIn(engine: Engine): Promise<{ held: string[]; named: string[]; isNew: Set<string> }> {
  const held = (await engine.records('vault').list({})).map(({ key }) => key.join('/'));
  const notes = await engine.records<{ why: string }>('vault-touched').list({});
  const isNew = new Set(notes.filter(({ value }) => value.why === 'new').map(({ key }) => key.join('/')));
  const named = [...(await eventsIn(engine))].flatMap(([stream, events]) =>
    [...idsNamedBy(events)].map((id) => `${stream}/${id}`),
  );
  return { held: held.sort(), named: named.sort(), isNew };
}

function idsNamedBy(events: readonly RecordedEvent[]): Set<string> {
  let [secret, set] = ['', ''];
  for (const event of events) {
    switch (shortType(event)) {
      case 'SecretIssued':
        [secret, set] = [String(event.data.secretId), ''];
        break;
      case 'BackupCodesIssued':
        set = String(event.data.setId);
        break;
      case 'SetupFailed':
      case 'TwoFactorDisabled':
        [secret, set] = ['', ''];
        break;
    }
  }
  return new Set([secret, set].filter((id) => id !== ''));
}
