import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeOf } from '../api/problem.js';
import { tellOtherWindows } from '../api/windows.js';
import { speakAsAsked } from '../language/i18n.js';
import { LoginSteps } from '../login/login-steps.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Loaded } from '../parts/loaded.js';
import { Loading, Notice, Page } from '../parts/surface.js';
import { ProofForm } from '../proof/proof.js';
import { Gate } from '../shell/gate.js';
import { homeOf, rememberPortal } from '../shell/places.js';
import { type Interaction, interactionOf } from './interaction.js';

/** An application has sent a person here to log in; nothing missing, they go on to it at once. */
export function Authorize({ portal, uid }: { portal: string; uid: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const interaction = interactionOf(portal, uid);
  const found = useQuery({
    queryKey: ['interaction', portal, uid],
    queryFn: interaction.details,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  const again = () => {
    // another person may be logged in now
    queries.clear();
    tellOtherWindows('changed');
    rememberPortal(portal);
    return found.refetch();
  };
  const locales = found.data?.locales;
  useEffect(() => {
    if (locales !== undefined) void speakAsAsked(locales);
  }, [locales]);
  const cancel = async () => location.assign((await interaction.cancel()).location);

  if (codeOf(found.error) === 'not-found') {
    return (
      <Gate portal={portal}>
        <Page boxed title={t('authorize.over')}>
          <Notice tone="warn">{t('authorize.overWhat')}</Notice>
        </Page>
      </Gate>
    );
  }
  return (
    <Gate portal={portal}>
      {found.data ? (
        <Step portal={portal} asked={found.data} again={again} cancel={cancel} complete={interaction.complete} />
      ) : (
        <Page boxed title={t('authorize.title')}>
          <Loaded of={found}>{() => null}</Loaded>
        </Page>
      )}
    </Gate>
  );
}

interface Props {
  portal: string;
  asked: Interaction;
  again: () => unknown;
  cancel: () => Promise<void>;
  complete: () => Promise<{ location: string }>;
}

function Step({ portal, asked: { application, loginHint = '', needs }, again, cancel, complete }: Props) {
  const { t } = useTranslation();
  const [who, setWho] = useState({ portal, username: loginHint });
  useEffect(() => {
    // one that got no answer is made again by whoever loads the page again
    if (needs === null) void complete().then(({ location: next }) => location.assign(next), again);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each answer
  }, [needs]);
  if (needs === null) return <Loading />;
  const back = (
    <Button look="quiet" onPress={cancel}>
      {t('authorize.cancel', { application })}
    </Button>
  );
  return (
    <div className="stack">
      <p className="muted">{t('authorize.for', { application })}</p>
      {needs.kind === 'login' && <LoginSteps who={who} setWho={setWho} isPortalFixed onLoggedIn={again} />}
      {needs.kind === 'proof' && (
        <Page boxed title={t('proof.title')} keepFocus>
          <ProofForm needs={needs.missing} settle={(proved) => (proved ? again() : cancel())} />
        </Page>
      )}
      {needs.kind === 'enrolment' && (
        <Page boxed title={t('twoFactor.required.title')}>
          <Notice tone="warn">{t('authorize.enrolment', { application })}</Notice>
          <ButtonLink href={homeOf(portal)}>{t('authorize.setUp')}</ButtonLink>
        </Page>
      )}
      <div>{back}</div>
    </div>
  );
}
