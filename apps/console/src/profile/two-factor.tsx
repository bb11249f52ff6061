import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { codeOf, ProblemError } from '../api/problem.js';
import { type MyTwoFactor, myTwoFactor } from '../api/queries.js';
import type { components } from '../api/schema.js';
import { tellOtherWindows, whenOtherWindowTells } from '../api/windows.js';
import { Loaded } from '../parts/loaded.js';
import { Badge, Card, Notice } from '../parts/surface.js';
import { useAction } from '../parts/overlays/action.js';
import { clearToasts, tell } from '../parts/overlays/toast.js';
import { useForgetting } from '../parts/use-forgetting.js';
import { BackupCodes, type Whose } from './backup-codes.js';
import { Pending, type PendingSteps } from './pending.js';
import { Enabled, Off } from './steps.js';

type Setup = components['schemas']['Setup'];
/** What is shown once, and what brought it: in this component's state alone, and gone with it. Null: it was made anew elsewhere. */
export type ShownKey = { setup: Setup | null } & (
  | { after: 'off' | 'reset' }
  /** One more app, which will be called so. */
  | { after: 'adding'; name: string }
);
interface ShownCodes {
  codes: readonly string[] | null;
  after: 'enabling' | 'renewing';
}
type Shown = ShownKey | ShownCodes;

type Step = 'setUp' | 'disable' | 'reset' | 'newCodes';
/** The steps of a person's own second factor; `running` while one is under way. */
export type Steps = Readonly<Record<Step, () => void>> & {
  readonly running: Step | null;
  /** One more app, of that name. @throws what a form shows */
  readonly add: (name: string) => Promise<void>;
  /** What is shown is looked at again, here and in other windows. */
  readonly seeAgain: () => Promise<unknown>;
};

/** `enrolling`: the session can do nothing else until it is set up. */
export function TwoFactor({ person, enrolling }: { person: Whose; enrolling: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const state = useQuery(myTwoFactor);
  const [shown, setShown] = useState<Shown | null>(null);
  useForgetting(() => setShown(null));
  useEffect(
    () =>
      whenOtherWindowTells((news) => {
        if (news === 'new-key') setShown(withoutKey);
        if (news === 'new-codes') setShown(withoutCodes);
      }),
    [],
  );
  const { data } = state;

  const seeAgain = () => {
    tellOtherWindows('changed');
    // also what is not on the screen just now, but will be next
    return queries.invalidateQueries({ queryKey: ['me'], refetchType: 'all' });
  };
  const { running, run } = useAction<Step>(seeAgain);
  /** What the answer to a step said is known at once: what it showed belongs to that state. */
  const show = (next: Shown, now: Partial<MyTwoFactor>) => {
    clearToasts();
    tellOtherWindows('codes' in next ? 'new-codes' : 'new-key');
    queries.setQueryData(myTwoFactor.queryKey, (before) => before && { ...before, ...now });
    setShown(next);
  };
  const showKey = (setup: Setup, after: 'off' | 'reset') => show({ setup, after }, { status: 'pending' });
  const showCodes = (codes: readonly string[], after: ShownCodes['after']) =>
    show({ codes, after }, { status: 'enabled' });

  async function add(name: string): Promise<void> {
    try {
      const setup = await reply(api.POST('/v1/me/authenticators/totp', { body: { name } }));
      show({ setup, after: 'adding', name }, {});
    } finally {
      await seeAgain();
    }
  }

  const steps: Steps = {
    running,
    add,
    seeAgain,
    setUp: () => run('setUp', async () => showKey(await reply(api.POST('/v1/me/two-factor/setup')), 'off')),
    disable: () =>
      run('disable', async () => {
        await reply(api.POST('/v1/me/two-factor/disable'));
        setShown(null);
        tell(data?.status === 'pending' ? t('twoFactor.setupCancelled') : t('twoFactor.disabled'));
      }),
    reset: () => run('reset', async () => showKey(await reply(api.POST('/v1/me/two-factor/reset')), 'reset')),
    newCodes: () =>
      run('newCodes', async () => {
        const { backupCodes } = await reply(api.POST('/v1/me/two-factor/backup-codes'));
        showCodes(backupCodes, 'renewing');
      }),
  };

  const codes = shown && 'codes' in shown ? shown : null;
  const key = shown && 'setup' in shown ? shown : null;
  const setupId = key?.setup?.setupId;
  const adding = key?.after === 'adding' ? key : null;
  const ofPending: PendingSteps =
    adding && data?.status === 'enabled'
      ? {
          running,
          // the server forgets its key when another is made
          cancel: () => {
            setShown(null);
            tell(t('twoFactor.setupCancelled'));
          },
          newKey: () => run('setUp', () => add(adding.name)),
        }
      : { running, cancel: enrolling ? undefined : steps.disable, newKey: steps.setUp };

  /** @throws ProblemError, ConnectionLost, NotProved for the form to show */
  async function confirm(code: string): Promise<void> {
    try {
      const body = { code, ...(setupId !== undefined && { setupId }) };
      const { backupCodes } = adding
        ? await reply(api.POST('/v1/me/authenticators/totp/confirm', { body }))
        : await reply(api.POST('/v1/me/two-factor/confirm', { body }));
      if (backupCodes) showCodes(backupCodes, 'enabling');
      else {
        await seeAgain();
        setShown(null);
        // one that was begun in another window has another name
        if (adding?.setup) tell(t('authenticators.added', { name: adding.name }));
        return;
      }
    } catch (error) {
      if (!(error instanceof ProblemError && endsSetup(error))) throw error;
      await seeAgain();
      // another setup is pending: the key was made anew on another device
      if (queries.getQueryData(myTwoFactor.queryKey)?.status === 'pending') return setShown(withoutKey);
      setShown(null);
      tell(t('twoFactor.setupEnded'), 'warn');
    }
    await seeAgain();
  }

  return (
    <Card title={t('twoFactor.title')} aside={data && <Status status={data.status} />}>
      <Loaded of={state}>
        {({ status, configurable, reason, backupCodesLeft }) => (
          <>
            {!configurable && reason && <Notice tone="warn">{t(`twoFactor.reason.${reason}`)}</Notice>}
            {codes && (
              <BackupCodes
                person={person}
                codes={status === 'enabled' ? codes.codes : null}
                after={codes.after}
                onDone={() => setShown(null)}
              />
            )}
            {configurable && !codes && (
              <>
                {status === 'none' && <Off steps={steps} />}
                {(status === 'pending' || (status === 'enabled' && adding)) && (
                  <Pending key={setupId} shown={key} steps={ofPending} confirm={confirm} />
                )}
                {status === 'enabled' && !adding && <Enabled backupCodesLeft={backupCodesLeft} steps={steps} />}
              </>
            )}
          </>
        )}
      </Loaded>
    </Card>
  );
}

/** The tenth wrong code ends it (R06), and so may another window of the same person. */
const endsSetup = (error: ProblemError): boolean =>
  codeOf(error) === 'no-pending-setup' || (error.problem.code === 'wrong-code' && error.problem.attemptsLeft === 0);

const withoutKey = (shown: Shown | null): Shown | null =>
  shown && 'setup' in shown ? { ...shown, setup: null } : shown;
const withoutCodes = (shown: Shown | null): Shown | null =>
  shown && 'codes' in shown ? { ...shown, codes: null } : shown;

export function Status({ status }: { status: MyTwoFactor['status'] }) {
  const { t } = useTranslation();
  const tone = { none: undefined, pending: 'warn', enabled: 'good' } as const;
  return <Badge {...(tone[status] && { tone: tone[status] })}>{t(`twoFactor.status.${status}`)}</Badge>;
}
