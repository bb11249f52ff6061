import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { codeOf, ProblemError } from '../api/problem.js';
import { myTwoFactor } from '../api/queries.js';
import type { components } from '../api/schema.js';
import { useSentences } from '../language/use-sentences.js';
import { Badge, Card, Failure, Loading, Notice } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';
import { NotProved, useProof } from '../proof/proof.js';
import { BackupCodes } from './backup-codes.js';
import { Enabled } from './enabled.js';
import { Off } from './off.js';
import { Pending } from './pending.js';

/** What is shown once: in this component's state alone, and gone with it. */
type Shown = { setup: components['schemas']['Setup'] } | { codes: readonly string[] };

/** The steps of a person's own second factor; `busy` while one is under way. */
export interface Steps {
  busy: boolean;
  setUp: () => void;
  disable: () => void;
  reset: () => void;
  newCodes: () => void;
}

export function TwoFactor() {
  const { t } = useTranslation();
  const { say } = useSentences();
  const queries = useQueryClient();
  const withProof = useProof();
  const state = useQuery(myTwoFactor);
  const [shown, setShown] = useState<Shown | null>(null);
  const [busy, setBusy] = useState(false);
  useForgetting(() => setShown(null));

  const seeAgain = () => queries.invalidateQueries({ queryKey: ['me'] });
  const run = async (action: () => Promise<void>) => {
    setBusy(true);
    try {
      await withProof(action);
    } catch (error) {
      if (!(error instanceof NotProved)) tell(say(error), 'danger');
    }
    await seeAgain();
    setBusy(false);
  };
  const step = (action: () => Promise<void>) => () => void run(action);
  const steps: Steps = {
    busy,
    setUp: step(async () => setShown({ setup: await reply(api.POST('/v1/me/two-factor/setup')) })),
    disable: step(async () => {
      await reply(api.POST('/v1/me/two-factor/disable'));
      setShown(null);
      tell(t('twoFactor.disabled'));
    }),
    reset: step(async () => {
      setShown({ setup: await reply(api.POST('/v1/me/two-factor/reset')) });
      tell(t('twoFactor.wasReset'));
    }),
    newCodes: step(async () => {
      const { backupCodes } = await reply(api.POST('/v1/me/two-factor/backup-codes'));
      setShown({ codes: backupCodes });
    }),
  };

  /** @throws ProblemError for the form to show */
  async function confirm(code: string): Promise<void> {
    try {
      const { backupCodes } = await withProof(() => reply(api.POST('/v1/me/two-factor/confirm', { body: { code } })));
      setShown({ codes: backupCodes });
      tell(t('twoFactor.enabledNow'));
    } catch (error) {
      if (error instanceof NotProved) return;
      if (!endsSetup(error)) throw error;
      setShown(null);
      tell(t('twoFactor.setupEnded'), 'warn');
    }
    await seeAgain();
  }

  const { data } = state;
  return (
    <Card title={t('twoFactor.title')} aside={data && <Status status={data.status} />}>
      {state.isPending && <Loading />}
      {state.isError && !data && <Failure error={state.error} retry={() => void state.refetch()} />}
      {data && !data.configurable && data.reason && (
        <Notice tone="warn">
          <p>{t(`twoFactor.reason.${data.reason}`)}</p>
        </Notice>
      )}
      {shown && 'codes' in shown && <BackupCodes codes={shown.codes} onDone={() => setShown(null)} />}
      {data?.configurable && !(shown && 'codes' in shown) && (
        <>
          {data.status === 'none' && <Off steps={steps} />}
          {data.status === 'pending' && (
            <Pending setup={shown && 'setup' in shown ? shown.setup : null} steps={steps} confirm={confirm} />
          )}
          {data.status === 'enabled' && <Enabled backupCodesLeft={data.backupCodesLeft} steps={steps} />}
        </>
      )}
    </Card>
  );
}

/** The tenth wrong code ends it (R06), and so may another window of the same person. */
const endsSetup = (error: unknown): boolean =>
  codeOf(error) === 'no-pending-setup' ||
  (error instanceof ProblemError && error.problem.code === 'wrong-code' && error.problem.attemptsLeft === 0);

export function Status({ status }: { status: 'none' | 'pending' | 'enabled' }) {
  const { t } = useTranslation();
  const tone = { none: undefined, pending: 'warn', enabled: 'good' } as const;
  return <Badge {...(tone[status] && { tone: tone[status] })}>{t(`twoFactor.status.${status}`)}</Badge>;
}

/** A page that the browser keeps for the way back must not keep what it showed. */
function useForgetting(forget: () => void): void {
  useEffect(() => {
    window.addEventListener('pagehide', forget);
    return () => window.removeEventListener('pagehide', forget);
  });
}
