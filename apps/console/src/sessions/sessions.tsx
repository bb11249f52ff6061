import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeOf } from '../api/problem.js';
import type { Session, Sessions } from '../api/queries.js';
import { Button } from '../parts/button.js';
import { deviceOf } from '../parts/device.js';
import { Row, Rows } from '../parts/list/rows.js';
import { Loaded } from '../parts/loaded.js';
import { useAction } from '../parts/overlays/action.js';
import { Confirm } from '../parts/overlays/dialog.js';
import { tell } from '../parts/overlays/toast.js';
import { Badge, Card } from '../parts/surface.js';
import { useTime } from '../parts/use-time.js';

/** The API lists no more. */
const MOST = 200;

interface Props {
  /** One's own, of which the present one stays, or those of somebody else. */
  whose: 'mine' | 'theirs';
  username: string;
  found: UseQueryResult<Sessions>;
  /** @throws ProblemError, ConnectionLost */
  end: (id: string) => Promise<unknown>;
  /** @throws ProblemError, ConnectionLost */
  endAll: () => Promise<unknown>;
  /** What can be done with the session of this browser. */
  ofCurrent?: ReactNode;
}

/** The open sessions of a person (R44), the newest first; each can be ended, or all at once. */
export function SessionsCard({ whose, username, found, end, endAll, ofCurrent }: Props) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const { running, run } = useAction(() => found.refetch());
  const nameOf = useSessionName();
  const endOne = (session: Session) =>
    run(session.id, async () => {
      try {
        await end(session.id);
      } catch (error) {
        // it has ended meanwhile, which is what was asked for
        if (codeOf(error) !== 'not-found') throw error;
      }
      tell(t('sessions.ended', { device: nameOf(session) }));
    });
  const endEach = () =>
    run('all', async () => {
      await endAll();
      tell(t(`sessions.${whose}.endedAll`, { username }));
    });

  return (
    <Card title={t('sessions.title')}>
      <p className="muted">{t(`sessions.${whose}.what`)}</p>
      <Loaded of={found}>
        {({ sessions }) => (
          <>
            <p className="small muted" role="status">
              {sessions.length === 0 ? t('sessions.none') : t('sessions.open', { count: sessions.length })}
              {sessions.length >= MOST && ` ${t('sessions.most')}`}
            </p>
            {sessions.length > 0 && (
              <Rows>
                {sessions.map((session) => (
                  <OpenSession key={session.id} session={session}>
                    {session.current
                      ? ofCurrent
                      : (label) => (
                          <Button
                            busy={running === session.id}
                            idle={running !== null}
                            aria-label={label}
                            onPress={() => endOne(session)}
                          >
                            {t('sessions.end')}
                          </Button>
                        )}
                  </OpenSession>
                ))}
              </Rows>
            )}
            {sessions.some(({ current }) => !current) && (
              <div>
                <Button busy={running === 'all'} idle={running !== null} onPress={() => setAsked(true)}>
                  {t(`sessions.${whose}.endAll`)}
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
      <Confirm
        isOpen={asked}
        title={t(`sessions.${whose}.ask`, { username })}
        confirm={t('sessions.askOk')}
        onClose={() => setAsked(false)}
        onConfirm={endEach}
      >
        <p>{t(`sessions.${whose}.askWhat`)}</p>
      </Confirm>
    </Card>
  );
}

function useSessionName(): (session: Session) => string {
  const { t } = useTranslation();
  return ({ userAgent = '' }) => deviceOf(userAgent) || t('sessions.unknownDevice');
}

interface SessionProps {
  session: Session;
  /** What can be done with it; a button is told what a screen reader calls it. */
  children: ReactNode | ((label: string) => ReactNode);
}

function OpenSession({ session, children }: SessionProps) {
  const { t } = useTranslation();
  const time = useTime();
  const device = useSessionName()(session);
  const { createdAt, lastSeenAt, method, address, current } = session;
  const began = t('sessions.began', { time: time(createdAt) });
  const label = t('sessions.endOne', { session: [device, address, began].filter(Boolean).join(', ') });
  return (
    <Row
      name={device}
      badge={current && <Badge tone="good">{t('sessions.current')}</Badge>}
      lines={[
        [address, t(`sessions.method.${method}`)],
        [began, t('sessions.lastSeen', { time: time(lastSeenAt) })],
      ]}
      action={typeof children === 'function' ? children(label) : children}
    />
  );
}
