import type { Reply } from '#libs/client/src/index.js';
import type { Calling } from '../calls/calling.js';
import type { Options } from '../command/leaf.js';
import { answer, table } from '../command/output.js';

type Installation = Reply<'getInstallation'>;

/** False: an app is not ready, a message could not be handled, or the logs are not intact. */
export async function describeInstallation(asked: Calling<'getInstallation'>, options: Options): Promise<boolean> {
  const installation = await asked.call('getInstallation');
  answer(installation, options, () =>
    [apps(installation), letters(installation), keys(installation), verification(installation)]
      .filter((part) => part !== undefined)
      .join('\n\n'),
  );
  return isWell(installation);
}

const isWell = ({ apps, verification }: Installation): boolean =>
  apps.every(({ status, deadLetters }) => status === 'ok' && deadLetters?.count === 0) &&
  verification?.intact !== false;

const apps = (installation: Installation): string =>
  table(
    ['app', 'status', 'version', 'behind', 'dead letters'],
    installation.apps.map(({ app, status, version, consumers = [], deadLetters }) => {
      const behind = consumers.filter(({ lag, stalled }) => lag > 0 || stalled);
      const told = behind.map(({ source, lag, stalled }) => `${source} ${lag}${stalled ? ' (stalled)' : ''}`);
      return [app, status, version, told, deadLetters?.count];
    }),
  );

function letters(installation: Installation): string | undefined {
  const newest = installation.apps
    .flatMap(({ deadLetters }) => deadLetters?.newest ?? [])
    .sort((one, other) => (one.at < other.at ? 1 : -1));
  if (newest.length === 0) return undefined;
  return table(
    ['dead letter', 'at', 'topic', 'event', 'reason'],
    newest.map(({ id, at, topic, eventId, reason }) => [id, at, topic, eventId, reason.split(' at ')[0]]),
  );
}

const keys = (installation: Installation): string =>
  table(
    ['key of', 'id', 'since', ''],
    installation.apps.flatMap(({ app, keyRing }) =>
      (keyRing?.keys ?? []).map(({ id, firstSeenAt }, at) => {
        const advice = keyRing?.rotationAdvised ? 'current; rotate it: twinlock keys rotate' : 'current';
        const older = keyRing?.reEncryption === 'complete' ? 'older' : `older; re-encryption ${keyRing?.reEncryption}`;
        return [app, id, firstSeenAt, at === 0 ? advice : older];
      }),
    ),
  );

function verification({ verification }: Installation): string {
  if (verification === undefined) return 'When the logs were verified last cannot be read now.';
  if (verification === null) return 'The logs were never verified: twinlock verify.';
  const { at, intact, events, problems, chainBreaks } = verification;
  if (intact) return `The logs were intact at ${at}: ${events} events.`;
  return `The logs were NOT intact at ${at}: ${events} events, ${problems} problems, ${chainBreaks} broken chains.`;
}
