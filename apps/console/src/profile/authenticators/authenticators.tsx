import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../../api/client.js';
import { codeOf } from '../../api/problem.js';
import { type Authenticator, myAuthenticators, myTwoFactor } from '../../api/queries.js';
import { Button } from '../../parts/button.js';
import { Icon } from '../../parts/icon.js';
import { Row, Rows } from '../../parts/list/rows.js';
import { Loaded } from '../../parts/loaded.js';
import { useAction } from '../../parts/overlays/action.js';
import { Confirm } from '../../parts/overlays/dialog.js';
import { tell } from '../../parts/overlays/toast.js';
import { useTime } from '../../parts/use-time.js';
import type { Steps } from '../two-factor.js';
import { NameDialog } from './name-dialog.js';

/** Each more helps a guesser (R45). */
const MOST_APPS = 3;

type Asked = { step: 'add' } | { step: 'rename' | 'remove'; authenticator: Authenticator };

/** What a person logs in with: to add, to rename, to remove. */
export function Authenticators({ steps }: { steps: Steps }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const found = useQuery(myAuthenticators);
  const [asked, setAsked] = useState<Asked | null>(null);
  const { running, run } = useAction();
  const close = () => setAsked(null);
  const idle = running !== null || steps.running !== null;

  const remove = ({ id, name }: Authenticator) =>
    run(id, async () => {
      try {
        const params = { path: { authenticatorId: id } };
        await reply(api.DELETE('/v1/me/authenticators/{authenticatorId}', { params }));
      } catch (error) {
        // another window has removed it, which is what was asked for
        if (codeOf(error) !== 'not-found') throw error;
      } finally {
        await steps.seeAgain();
      }
      const isOff = queries.getQueryData(myTwoFactor.queryKey)?.status === 'none';
      tell(isOff ? t('twoFactor.disabled') : t('authenticators.removed', { name }));
    });

  /** @throws what a form shows */
  async function rename({ id, name: before }: Authenticator, name: string): Promise<void> {
    if (name === before) return close();
    let isGone = false;
    try {
      const params = { path: { authenticatorId: id } };
      await reply(api.PATCH('/v1/me/authenticators/{authenticatorId}', { params, body: { name } }));
    } catch (error) {
      isGone = codeOf(error) === 'not-found';
      if (!isGone) throw error;
    }
    await steps.seeAgain();
    close();
    if (isGone) tell(t('authenticators.gone', { name: before }), 'warn');
    else tell(t('authenticators.renamed', { name }));
  }

  return (
    <Loaded of={found} lines={2}>
      {({ authenticators }) => {
        const isFull = authenticators.filter(({ kind }) => kind === 'totp').length >= MOST_APPS;
        const isLast = asked?.step === 'remove' && authenticators.every(({ id }) => id === asked.authenticator.id);
        return (
          <div className="stack">
            <div className="stack-s">
              <h3>{t('authenticators.title')}</h3>
              <p className="muted small">{t('authenticators.what')}</p>
            </div>
            <Rows label={t('authenticators.title')}>
              {authenticators.map((authenticator) => (
                <Shown
                  key={authenticator.id}
                  authenticator={authenticator}
                  busy={running === authenticator.id}
                  idle={idle}
                  onAsk={(step) => setAsked({ step, authenticator })}
                />
              ))}
            </Rows>
            <div>
              {isFull ? (
                <p className="muted small">{t('authenticators.full', { most: MOST_APPS })}</p>
              ) : (
                <Button idle={idle} onPress={() => setAsked({ step: 'add' })}>
                  <Icon name="plus" />
                  {t('authenticators.add')}
                </Button>
              )}
            </div>
            {asked?.step === 'add' && (
              <NameDialog
                title={t('authenticators.add')}
                submit={t('action.continue')}
                send={steps.add}
                onClose={close}
              />
            )}
            {asked?.step === 'rename' && (
              <NameDialog
                title={t('authenticators.askRename')}
                submit={t('action.save')}
                name={asked.authenticator.name}
                send={(name) => rename(asked.authenticator, name)}
                onClose={close}
              />
            )}
            {asked?.step === 'remove' && (
              <Confirm
                isOpen
                title={t('authenticators.askRemove', { name: asked.authenticator.name })}
                confirm={isLast ? t('authenticators.removeLast') : t('authenticators.remove')}
                onClose={close}
                onConfirm={() => remove(asked.authenticator)}
              >
                <p>{isLast ? t('authenticators.askRemoveLast') : t('authenticators.askRemoveWhat')}</p>
              </Confirm>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}

interface ShownProps {
  authenticator: Authenticator;
  busy: boolean;
  idle: boolean;
  onAsk: (step: 'rename' | 'remove') => void;
}

function Shown({ authenticator: { name, addedAt, lastUsedAt }, busy, idle, onAsk }: ShownProps) {
  const { t } = useTranslation();
  const time = useTime();
  const added = t('authenticators.addedAt', { time: time(addedAt) });
  const lastUsed = lastUsedAt && t('authenticators.lastUsed', { time: time(lastUsedAt) });
  // two may have one name
  const which = `${name}, ${added}`;
  return (
    <Row
      name={name}
      lines={[[added, lastUsed]]}
      action={
        <>
          <Button idle={idle} aria-label={t('authenticators.renameOne', { which })} onPress={() => onAsk('rename')}>
            {t('authenticators.rename')}
          </Button>
          <Button
            busy={busy}
            idle={idle}
            aria-label={t('authenticators.removeOne', { which })}
            onPress={() => onAsk('remove')}
          >
            {t('authenticators.remove')}
          </Button>
        </>
      }
    />
  );
}
