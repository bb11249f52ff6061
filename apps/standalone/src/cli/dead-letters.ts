import { parseArgs } from 'node:util';
import { type AppName, appNames } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine } from '#libs/engine/src/port.js';
import { DEAD_LETTERS } from '#libs/messaging/src/collections.js';
import { type DeadLetter, DeadLetters } from '#libs/messaging/src/consuming/dead-letters.js';
import { outline } from '#libs/messaging/src/failures.js';
import { Topics } from '#libs/messaging/src/kafka/cluster/topics.js';
import { topicOf } from '#libs/messaging/src/kafka/letters/letters.js';
import { Replaying } from '#libs/messaging/src/kafka/letters/replaying.js';
import type { AppBus } from '#libs/messaging/src/port.js';
import { readSettings, type Settings } from '#libs/platform/src/settings/config.js';
import { createLogger } from '#libs/platform/src/observing/logger.js';
import { kafkaConfigOf } from '#libs/platform/src/settings/kafka.js';
import { APP_BUS } from '#libs/platform/src/tokens.js';
import { bringUpStandalone } from '../standalone.js';
import { runTool, withStores } from './data.js';

/*
 * `npm run dead-letters -- list | show | replay`: messages that an app could not handle. A replay brings the original, with its id,
 * to the app that could not handle it, and marks the letter. On Kafka it is sent again to where it came from while the apps run;
 * on the bus in the process it is handled here, and the server must be stopped.
 */

const usage = `usage:
  list   [--app APP] [--topic TOPIC] [--all]       --all: including those already replayed
  show   --id ID …
  replay --id ID … | [--app APP] [--topic TOPIC] | --all`;

interface Letter {
  readonly id: string;
  readonly app: AppName;
  readonly topic: string;
  readonly letter: DeadLetter;
}

await runTool(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      app: { type: 'string' },
      topic: { type: 'string' },
      id: { type: 'string', multiple: true },
      all: { type: 'boolean', default: false },
    },
  });
  const { app, topic, id, all } = values;
  const settings = readSettings(process.env);
  const [verb] = positionals;
  const chosen = (one: Letter): boolean =>
    (app === undefined || one.app === app) &&
    (topic === undefined || one.topic === topic) &&
    (id === undefined || id.includes(one.id));
  const told = async () =>
    (await withStores({ readOnly: true }, (stores) => everyLetter(stores, settings))).filter(chosen);
  if (verb === 'list') return list(await told(), all);
  if (verb === 'show' && id !== undefined) return show(await told(), id);
  const some = all || (id ?? app ?? topic) !== undefined;
  if (verb === 'replay' && some) return replay(await told(), id ?? [], settings);
  console.error(usage);
  return false;
});

async function everyLetter(
  stores: Record<AppName, Pick<Engine, 'records'>>,
  { KAFKA_PREFIX: prefix }: Settings,
): Promise<Letter[]> {
  const topics = new Topics({ prefix, partitions: 1, replication: 1 });
  const letters: Letter[] = [];
  for (const app of appNames) {
    for await (const letter of lettersOf(stores[app]).all()) {
      const { source, position, index } = letter;
      const id = `${app}:${source}:${position}:${index}`;
      letters.push({ id, app, topic: topicOf(topics, app, source), letter });
    }
  }
  return letters;
}

function lettersOf(store: Pick<Engine, 'records'>, deliver = (_: DeadLetter) => Promise.resolve()): DeadLetters {
  return new DeadLetters(store.records(DEAD_LETTERS), deliver);
}

function list(letters: readonly Letter[], all: boolean): boolean {
  const shown = letters.filter(({ letter }) => all || letter.replayedAt === undefined);
  for (const { id, letter } of shown) {
    const { at, type, stream, reason, replayedAt } = letter;
    const replayed = replayedAt === undefined ? '' : ` (replayed ${replayedAt})`;
    console.log(`${id}  ${at}  ${type || '-'}  ${stream || '-'}  ${reason.split(' at ')[0]}${replayed}`);
  }
  console.log(`${shown.length || 'no'} dead letters`);
  return true;
}

function show(letters: readonly Letter[], ids: readonly string[]): boolean {
  for (const { id, app, topic, letter } of letters) console.log(JSON.stringify({ id, app, topic, ...letter }, null, 2));
  return missing(letters, ids) === 0;
}

async function replay(letters: readonly Letter[], ids: readonly string[], settings: Settings): Promise<boolean> {
  const open = letters.filter(({ letter }) => letter.replayedAt === undefined);
  for (const { id } of letters.filter((one) => !open.includes(one))) console.log(`${id}: already replayed`);
  let failed = missing(letters, ids);
  if (open.length === 0) return failed === 0;
  await withReplay(settings, async (again) => {
    for (const { id, app, letter } of open) {
      try {
        await again(app, letter);
        console.log(`${id}: replayed`);
      } catch (error) {
        failed += 1;
        console.error(`${id}: replay failed: ${error instanceof Problem ? error.detail : outline(error)}`);
      }
    }
  });
  return failed === 0;
}

type Replay = (app: AppName, letter: DeadLetter) => Promise<void>;

async function withReplay(settings: Settings, work: (replay: Replay) => Promise<void>): Promise<void> {
  const kafka = kafkaConfigOf(settings);
  if (kafka) {
    const { KAFKA_PREFIX: prefix, LOG_LEVEL } = settings;
    const replaying = new Replaying({ ...kafka, prefix, logger: createLogger(LOG_LEVEL) });
    await withStores({ readOnly: false }, (stores) =>
      work((app, letter) => lettersOf(stores[app], (one) => replaying.send(app, one)).replay(letter)),
    ).finally(() => replaying.close());
    return;
  }
  const standalone = await bringUpStandalone(process.env);
  try {
    await work((app, letter) => standalone.apps.get(app)!.get<AppBus>(APP_BUS).deadLetters.replay(letter));
  } finally {
    await standalone.close();
  }
}

function missing(letters: readonly Letter[], ids: readonly string[]): number {
  const unknown = ids.filter((wanted) => !letters.some(({ id }) => id === wanted));
  for (const id of unknown) console.error(`${id}: no such dead letter`);
  return unknown.length;
}
