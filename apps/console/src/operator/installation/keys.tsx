import { useTranslation } from 'react-i18next';
import type { InstalledApp } from '../../api/queries.js';
import { Row, Rows } from '../../parts/list/rows.js';
import { Badge, Notice } from '../../parts/surface.js';
import { useTime } from '../../parts/use-time.js';

/** The key ring of each app that has one: ids and times, never a key. */
export function Keys({ apps }: { apps: readonly InstalledApp[] }) {
  const { t } = useTranslation();
  const time = useTime();
  const rings = apps.flatMap(({ app, keyRing }) => (keyRing ? [{ app, ...keyRing }] : []));
  const old = rings.filter(({ rotationAdvised }) => rotationAdvised).map(({ app }) => app);
  return (
    <>
      <p className="muted">{t('installation.keysWhat')}</p>
      {old.length > 0 && (
        <Notice tone="warn">
          <p>
            {t('installation.rotate', { apps: old.join(', ') })} <code>twinlock keys rotate</code>
          </p>
        </Notice>
      )}
      <Rows label={t('installation.keys')}>
        {rings.map(({ app, keys, reEncryption }) => (
          <Row
            key={app}
            name={app}
            badge={
              reEncryption !== 'complete' && (
                <Badge tone={reEncryption === 'running' ? 'warn' : 'danger'}>
                  {t(`installation.reEncryption.${reEncryption}`)}
                </Badge>
              )
            }
            lines={keys.map(({ id, firstSeenAt }, at) => [
              id,
              at === 0 ? t('installation.currentKey') : t('installation.olderKey'),
              firstSeenAt && t('installation.since', { time: time(firstSeenAt) }),
            ])}
          />
        ))}
      </Rows>
    </>
  );
}
