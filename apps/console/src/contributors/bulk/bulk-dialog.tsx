import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Account } from '../../api/queries.js';
import { useSentences } from '../../language/use-sentences.js';
import { Button } from '../../parts/button.js';
import { Dialog, DialogActions } from '../../parts/overlays/dialog.js';
import { Notice } from '../../parts/surface.js';
import style from './bulk.module.css';
import { calls, type Command } from './commands.js';
import { type Outcome, oneByOne } from './one-by-one.js';

interface Props {
  portal: string;
  command: Command;
  people: readonly Account[];
  onClose: () => void;
}

type State = { is: 'asked' } | { is: 'running'; tried: number } | ({ is: 'over' } & Outcome<Account>);

/** Asks, does it for one after another, and tells for whom it was not done, and why. */
export function BulkDialog({ portal, command, people, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [state, setState] = useState<State>({ is: 'asked' });
  const stopped = useRef(false);
  useEffect(
    () => () => {
      stopped.current = true;
    },
    [],
  );

  async function begin() {
    stopped.current = false;
    setState({ is: 'running', tried: 0 });
    const outcome = await oneByOne(people, {
      act: ({ id }) => calls[command](portal, id),
      isStopped: () => stopped.current,
      onTried: (tried) => setState({ is: 'running', tried }),
    });
    void queries.invalidateQueries({ queryKey: ['accounts', portal] });
    setState(outcome.left.length === people.length ? { is: 'asked' } : { is: 'over', ...outcome });
  }
  const stop = () => (stopped.current = true);
  const count = people.length;

  return (
    <Dialog title={t(`bulk.${command}.title`, { count })} isOpen stays={state.is === 'running'} onClose={onClose}>
      {state.is === 'asked' && (
        <>
          <p>{t(`bulk.${command}.what`)}</p>
          <DialogActions>
            <Button onPress={onClose}>{t('action.cancel')}</Button>
            <Button look="primary" autoFocus onPress={() => void begin()}>
              {t(`bulk.${command}.begin`)}
            </Button>
          </DialogActions>
        </>
      )}
      {state.is === 'running' && (
        <>
          <progress className={style.progress} max={count} value={state.tried} aria-label={t('bulk.progress')} />
          <p role="status">{t('bulk.tried', { count, tried: state.tried })}</p>
          <DialogActions>
            <Button autoFocus onPress={stop}>
              {t('bulk.stop')}
            </Button>
          </DialogActions>
        </>
      )}
      {state.is === 'over' && (
        <>
          <Told command={command} {...state} />
          <DialogActions>
            <Button look="primary" autoFocus onPress={onClose}>
              {t('action.close')}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}

function Told({ command, done, failed, left }: Outcome<Account> & { command: Command }) {
  const { t } = useTranslation();
  const { say } = useSentences('bulk');
  return (
    <div className="stack" role="status">
      {done > 0 && <p>{t(`bulk.${command}.done`, { count: done })}</p>}
      {failed.length > 0 && (
        <Notice tone="warn">
          <p>{t(`bulk.${command}.failed`, { count: failed.length })}</p>
          <ul className={style.failed}>
            {failed.map(({ item: { id, username }, error }) => (
              <li key={id}>
                <strong>{username}</strong>
                <br />
                {say(error)}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {left.length > 0 && (
        <Notice>
          <p>{t('bulk.left', { count: left.length })}</p>
          <p>{left.map(({ username }) => username).join(', ')}</p>
        </Notice>
      )}
    </div>
  );
}
