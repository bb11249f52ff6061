import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { handedOver, whenSessionEnds } from '../api/client.js';
import { whenProofIsNeeded } from '../api/fresh-proof.js';
import { codeOf } from '../api/problem.js';
import { speakAsAsked } from '../language/i18n.js';
import { Button } from '../parts/button.js';
import { Loaded } from '../parts/loaded.js';
import { Loading, Notice, Page } from '../parts/surface.js';
import { useTime } from '../parts/use-time.js';
import { TwoFactor } from '../profile/two-factor.js';
import { Gate } from '../shell/gate.js';
import { CodeForm } from './code-form.js';
import { type HandedOver, handOverOf } from './handed-over.js';

/** A gateway has sent a person here, for their second factor alone (R34). */
export function HandOver({ portal, uid }: { portal: string; uid: string }) {
  const { t } = useTranslation();
  const calls = handOverOf(portal, uid);
  const found = useQuery({
    // what is changed of the second factor may be what was missing
    queryKey: ['me', 'hand-over', portal, uid],
    queryFn: calls.details,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  const { refetch } = found;
  // before anything of it is asked
  useState(() => handedOver(uid));
  useEffect(() => handedOver(uid), [uid]);
  useEffect(() => whenSessionEnds(() => void refetch()), [refetch]);
  useEffect(
    () =>
      // whoever lacks a proof is asked by this page, not by a dialog
      whenProofIsNeeded(async () => {
        await refetch();
        return false;
      }),
    [refetch],
  );
  const locales = found.data?.locales;
  useEffect(() => {
    if (locales !== undefined) void speakAsAsked(locales);
  }, [locales]);
  const leaveBy = (end: () => Promise<{ location: string }>) => async () => {
    try {
      location.assign((await end()).location);
    } catch {
      // something is missing again, or it is over: the page says which
      await refetch();
    }
  };

  if (codeOf(found.error) === 'not-found') {
    return (
      <Gate portal={portal}>
        <Page boxed title={t('handOver.over')}>
          <Notice tone="warn">{t('handOver.overWhat')}</Notice>
        </Page>
      </Gate>
    );
  }
  return (
    <Gate portal={portal} wide={found.data?.purpose === 'manage'}>
      {found.data ? (
        <Steps
          portal={portal}
          asked={found.data}
          prove={calls.prove}
          again={refetch}
          complete={leaveBy(calls.complete)}
          cancel={leaveBy(calls.cancel)}
        />
      ) : (
        <Page boxed title={t('handOver.title')}>
          <Loaded of={found}>{() => null}</Loaded>
        </Page>
      )}
    </Gate>
  );
}

interface Props {
  portal: string;
  asked: HandedOver;
  prove: ReturnType<typeof handOverOf>['prove'];
  again: () => unknown;
  complete: () => Promise<void>;
  cancel: () => Promise<void>;
}

function Steps({ portal, asked, prove, again, complete, cancel }: Props) {
  const { t } = useTranslation();
  const time = useTime();
  const { application, purpose, username = '', needs = null, graceEndsAt, ended } = asked;
  const [settingUp, setSettingUp] = useState(needs === 'enrolment');
  const isPassing = purpose === 'pass' && ended === undefined;
  const isDone = isPassing && needs === null && graceEndsAt === undefined && !settingUp;
  useEffect(() => {
    if (isDone) void complete();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once
  }, [isDone]);
  if (isDone) return <Loading />;
  const back = (leave: () => Promise<void>) => (
    <div>
      <Button look="quiet" onPress={leave}>
        {t('authorize.cancel', { application })}
      </Button>
    </div>
  );

  if (ended !== undefined || needs === 'hand-over') {
    const why = ended ?? 'too-old';
    return (
      <Page boxed title={t(`handOver.ended.${why}.title`)}>
        <Notice tone={ended === 'account-locked' ? 'danger' : 'warn'} live>
          {t(`handOver.ended.${why}.what`, { application })}
        </Notice>
        {back(cancel)}
      </Page>
    );
  }
  if (needs === 'code') {
    return (
      <div className="stack">
        <p className="muted">{t(`handOver.for.${purpose}`, { application })}</p>
        <CodeForm username={username} prove={prove} onAnswered={again} />
        {back(cancel)}
      </div>
    );
  }
  if (isPassing && !settingUp && needs === null) {
    return (
      <Page boxed title={t('twoFactor.required.title')}>
        <Notice tone="warn">{t('handOver.until', { until: time(graceEndsAt ?? '') })}</Notice>
        <div className="row">
          <Button look="primary" onPress={() => setSettingUp(true)}>
            {t('authorize.setUp')}
          </Button>
          <Button onPress={complete}>{t('handOver.later', { application })}</Button>
        </div>
      </Page>
    );
  }
  return (
    <Page title={purpose === 'pass' ? t('twoFactor.required.title') : t('handOver.manage', { username })}>
      {needs === 'enrolment' && (
        <Notice tone="warn" live>
          {t('handOver.enrolment', { application })}
        </Notice>
      )}
      <TwoFactor person={{ username, portal }} enrolling={needs === 'enrolment'} />
      {needs === null ? (
        <div>
          <Button look="primary" onPress={complete}>
            {t('handOver.goOn', { application })}
          </Button>
        </div>
      ) : (
        back(cancel)
      )}
    </Page>
  );
}
