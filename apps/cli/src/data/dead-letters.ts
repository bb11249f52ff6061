import { type AppName, appNames } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine } from '#libs/engine/src/port.js';
import { DEAD_LETTERS } from '#libs/messaging/src/collections.js';
import { type DeadLetter, DeadLetters, nameOf } from '#libs/messaging/src/consuming/dead-letters.js';
import { outline } from '#libs/messaging/src/failures.js';
import { Topics } from '#libs/messaging/src/kafka/cluster/topics.js';
import { Replaying } from '#libs/messaging/src/kafka/letters/replaying.js';
import type { AppBus } from '#libs/messaging/src/port.js';
import { readSettings, type Settings } from '#libs/platform/src/settings/config.js';
import { createLogger } from '#libs/platform/src/observing/logger.js';
import { kafkaConfigOf } from '#libs/platform/src/settings/kafka.js';
import { APP_BUS } from '#libs/platform/src/tokens.js';
import { bringUpStandalone } from '#apps/standalone/src/standalone.js';
import { usageError } from '../command/exit.js';
import type { Options } from '../command/leaf.js';
import { answer, say, tell } from '../command/output.js';
import { type Stores, withStores } from './data.js';

/*
 * Messages that an app could not handle. A replay brings the original, with its id, to the app that could not handle it, and marks
 * the letter. On Kafka it is sent again to where it came from while the apps run; on the bus in the process it is handled here, and
 * the server must be stopped.
 */

interface Letter {
  readonly id: string;
  readonly app: AppName;
  readonly topic: string;
  readonly letter: DeadLetter;
}

/** Those of an app, of a topic, of these ids, as far as each is given. */
async function chosen({ app, topic, id }: Options, settings: Settings): Promise<Letter[]> {
  const letters = await withStores({ readOnly: true }, (stores) => everyLetter(stores, settings));
  const ids = id as readonly string[] | undefined;
  return letters.filter(
    (one) =>
      (app === undefined || one.app === app) &&
      (topic === undefined || one.topic === topic) &&
      (ids === undefined || ids.includes(one.id)),
  );
}

async function everyLetter(
  stores: Stores<Pick<Engine, 'records'>>,
  { KAFKA_PREFIX: prefix }: Settings,
): Promise<Letter[]> {
  const topics = new Topics({ prefix, partitions: 1, replication: 1 });
  const letters: Letter[] = [];
  for (const app of appNames) {
    const store = stores[app];
    if (!store) continue;
    for await (const letter of lettersOf(store).all()) {
      letters.push({ id: nameOf(app, letter), app, topic: topics.ofLetters(app, letter.source), letter });
    }
  }
  return letters;
}

function lettersOf(store: Pick<Engine, 'records'>, deliver = (_: DeadLetter) => Promise.resolve()): DeadLetters {
  return new DeadLetters(store.records(DEAD_LETTERS), deliver);
}

export async function listLetters(options: Options): Promise<void> {
  const letters = await chosen(options, readSettings(process.env));
  const shown = letters.filter(({ letter }) => options.all === true || letter.replayedAt === undefined);
  answer({ deadLetters: shown.map(flat) }, options, () =>
    [
      ...shown.map(({ id, letter: { at, type, stream, reason, replayedAt } }) => {
        const replayed = replayedAt === undefined ? '' : ` (replayed ${replayedAt})`;
        return `${id}  ${at}  ${type || '-'}  ${stream || '-'}  ${reason.split(' at ')[0]}${replayed}`;
      }),
      `${shown.length || 'no'} dead letters`,
    ].join('\n'),
  );
}

export async function showLetters(options: Options): Promise<boolean> {
  const letters = await chosen(options, readSettings(process.env));
  for (const one of letters) say(JSON.stringify(flat(one), null, 2));
  return missing(letters, options.id as readonly string[]) === 0;
}

const flat = ({ id, app, topic, letter }: Letter) => ({ id, app, topic, ...letter });

/** False: one could not be replayed, or is not there. */
export async function replayLetters(options: Options): Promise<boolean> {
  const { app, topic, id, all } = options;
  if (all !== true && (id ?? app ?? topic) === undefined)
    throw usageError('say which (usage: twinlock dead-letters replay --id ID … | [--app APP] [--topic TOPIC] | --all)');
  const settings = readSettings(process.env);
  const letters = await chosen(options, settings);
  const line = options.json === true ? () => undefined : say;
  const outcomes: { id: string; outcome: string; reason?: string }[] = [];
  const open = letters.filter(({ letter }) => letter.replayedAt === undefined);
  for (const { id } of letters.filter((one) => !open.includes(one))) {
    outcomes.push({ id, outcome: 'already-replayed' });
    line(`${id}: already replayed`);
  }
  let failed = missing(letters, (id as readonly string[] | undefined) ?? []);
  if (open.length > 0) {
    await withReplay(settings, async (again) => {
      for (const { id, app, letter } of open) {
        try {
          await again(app, letter);
          outcomes.push({ id, outcome: 'replayed' });
          line(`${id}: replayed`);
        } catch (error) {
          failed += 1;
          const reason = error instanceof Problem ? error.detail : outline(error);
          outcomes.push({ id, outcome: 'failed', reason });
          tell(`${id}: replay failed: ${reason}`);
        }
      }
    });
  }
  if (options.json === true) say(JSON.stringify({ outcomes }));
  return failed === 0;
}

type Replay = (app: AppName, letter: DeadLetter) => Promise<void>;

async function withReplay(settings: Settings, work: (replay: Replay) => Promise<void>): Promise<void> {
  const kafka = kafkaConfigOf(settings);
  if (kafka) {
    const { KAFKA_PREFIX: prefix, LOG_LEVEL } = settings;
    const replaying = new Replaying({ ...kafka, prefix, logger: createLogger(LOG_LEVEL) });
    await withStores({ readOnly: false }, (stores) =>
      work((app, letter) => lettersOf(stores[app]!, (one) => replaying.send(app, one)).replay(letter)),
    ).finally(() => replaying.close());
    return;
  }
  const standalone = await bringUpStandalone(process.env);
  try {
    await work(async (name, letter) => {
      const app = standalone.apps.get(name);
      if (!app) throw new Problem('unavailable', `${name} does not run: SMTP_URL is not set.`);
      await app.get<AppBus>(APP_BUS).deadLetters.replay(letter);
    });
  } finally {
    await standalone.close();
  }
}

function missing(letters: readonly Letter[], ids: readonly string[]): number {
  const unknown = ids.filter((wanted) => !letters.some(({ id }) => id === wanted));
  for (const id of unknown) tell(`${id}: no such dead letter`);
  return unknown.length;
}
