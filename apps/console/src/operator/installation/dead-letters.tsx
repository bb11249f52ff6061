import { useTranslation } from 'react-i18next';
import type { InstalledApp } from '../../api/queries.js';
import { Row, Rows } from '../../parts/list/rows.js';
import { Badge, Notice } from '../../parts/surface.js';
import { useTime } from '../../parts/use-time.js';

/** Messages that could not be handled, of all apps together, the newest first. */
export function DeadLetters({ apps }: { apps: readonly InstalledApp[] }) {
  const { t } = useTranslation();
  const time = useTime();
  const silent = apps.filter(({ deadLetters }) => deadLetters === undefined).map(({ app }) => app);
  const count = apps.reduce((sum, { deadLetters }) => sum + (deadLetters?.count ?? 0), 0);
  const letters = apps
    .flatMap(({ app, deadLetters }) => (deadLetters?.newest ?? []).map((letter) => ({ app, ...letter })))
    .sort((one, other) => Date.parse(other.at) - Date.parse(one.at));

  return (
    <>
      {silent.length > 0 && (
        <Notice tone="warn">
          <p>{t('installation.notKnown', { apps: silent.join(', ') })}</p>
        </Notice>
      )}
      {count === 0 && silent.length === 0 && <p className="muted">{t('installation.noDeadLetters')}</p>}
      {count > 0 && (
        <>
          <p>
            {t('installation.deadLetterCount', { count })}{' '}
            {letters.length < count && t('installation.newest', { count: letters.length })}
          </p>
          <p className="muted">
            {t('installation.deadLettersWhat')} <code>twinlock dead-letters replay</code>
          </p>
          <Rows label={t('installation.deadLetters')}>
            {letters.map(({ id, app, at, topic, type, eventId, reason }) => (
              <Row
                key={id}
                // what follows is the place in the code, which the command line shows
                name={reason.split(' at ')[0]!}
                badge={<Badge tone="danger">{app}</Badge>}
                lines={[
                  [time(at), t('installation.topic', { topic })],
                  [type, eventId ? t('installation.event', { id: eventId }) : undefined],
                  [t('installation.letter', { id })],
                ]}
              />
            ))}
          </Rows>
        </>
      )}
    </>
  );
}
