import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeOf } from '../api/problem.js';
import type { Browser, Browsers } from '../api/queries.js';
import { Button } from '../parts/button.js';
import { deviceOf } from '../parts/device.js';
import { Row, Rows } from '../parts/list/rows.js';
import { useAction } from '../parts/overlays/action.js';
import { Confirm } from '../parts/overlays/dialog.js';
import { tell } from '../parts/overlays/toast.js';
import { Badge, Card } from '../parts/surface.js';
import { useTime } from '../parts/use-time.js';

interface Props {
  whose: 'mine' | 'theirs';
  username: string;
  found: UseQueryResult<Browsers>;
  /** @throws ProblemError, ConnectionLost */
  forget: (id: string) => Promise<unknown>;
  /** @throws ProblemError, ConnectionLost */
  forgetAll: () => Promise<unknown>;
}

/** The remembered browsers of a person (R39, R44), the last used first. Who has none has no use for the card. */
export function BrowsersCard({ whose, username, found, forget, forgetAll }: Props) {
  const { t } = useTranslation();
  const time = useTime();
  const [asked, setAsked] = useState(false);
  const { running, run } = useAction(() => found.refetch());
  const browsers = found.data?.browsers ?? [];
  const nameOf = ({ userAgent = '' }: Browser) => deviceOf(userAgent) || t('sessions.unknownDevice');
  const forgetOne = (browser: Browser) =>
    run(browser.id, async () => {
      try {
        await forget(browser.id);
      } catch (error) {
        // it was forgotten meanwhile, which is what was asked for
        if (codeOf(error) !== 'not-found') throw error;
      }
      tell(t('browsers.ended', { device: nameOf(browser) }));
    });
  const forgetEach = () =>
    run('all', async () => {
      await forgetAll();
      tell(t(`browsers.${whose}.endedAll`, { username }));
    });
  if (browsers.length === 0) return null;

  return (
    <Card title={t('browsers.title')}>
      <p className="muted">{t(`browsers.${whose}.what`)}</p>
      <Rows>
        {browsers.map((browser) => {
          const { id, address, createdAt, lastSeenAt, expiresAt, current } = browser;
          const since = t('browsers.since', { time: time(createdAt) });
          const label = t('browsers.endOne', { browser: [nameOf(browser), address, since].filter(Boolean).join(', ') });
          return (
            <Row
              key={id}
              name={nameOf(browser)}
              badge={current && <Badge tone="good">{t('browsers.current')}</Badge>}
              lines={[
                [address, t('browsers.lastSeen', { time: time(lastSeenAt) })],
                [since, t('browsers.until', { time: time(expiresAt) })],
              ]}
              action={
                <Button
                  busy={running === id}
                  idle={running !== null}
                  aria-label={label}
                  onPress={() => forgetOne(browser)}
                >
                  {t('browsers.end')}
                </Button>
              }
            />
          );
        })}
      </Rows>
      <div>
        <Button busy={running === 'all'} idle={running !== null} onPress={() => setAsked(true)}>
          {t(`browsers.${whose}.endAll`)}
        </Button>
      </div>
      <Confirm
        isOpen={asked}
        title={t(`browsers.${whose}.ask`, { username })}
        confirm={t('browsers.askOk')}
        onClose={() => setAsked(false)}
        onConfirm={forgetEach}
      >
        <p>{t(`browsers.${whose}.askWhat`)}</p>
      </Confirm>
    </Card>
  );
}
