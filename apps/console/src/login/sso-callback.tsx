import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { api, reply } from '../api/client.js';
import { codeOf, lockEndOf } from '../api/problem.js';
import { useSentences } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { Loading, Notice, Page } from '../parts/surface.js';
import { Gate } from '../shell/gate.js';
import { isInteraction, loginPath } from '../shell/places.js';
import { Locked } from './locked.js';
import { forgetReturn, notedNext, type ProviderAnswer } from './sso-return.js';
import { useLoggedIn } from './use-logged-in.js';

interface Props {
  /** Of the address: no other portal's provider sends people there. */
  portal: string;
  /** Null: no login, and whatever the provider says is not repeated here. */
  answer: ProviderAnswer | null | undefined;
}

/** Where the provider sends people back to. */
export function SsoCallback({ portal, answer }: Props) {
  const { t } = useTranslation();
  const { say } = useSentences('sso');
  const [, navigate] = useLocation();
  const [next] = useState(() => notedNext(portal));
  const [failed, setFailed] = useState<unknown>();
  const loggedIn = useLoggedIn(next);
  const isSent = useRef(false);
  useEffect(forgetReturn, []);
  useEffect(() => {
    // it is good once
    if (!answer || isSent.current) return;
    isSent.current = true;
    reply(api.POST('/v1/login/sso/complete', { body: { portal, ...answer } })).then(() => loggedIn(portal), setFailed);
  }, [answer, loggedIn, portal]);

  const back = () =>
    navigate(isInteraction(portal, next) ? next : loginPath(portal, next ?? undefined), { replace: true });
  if (codeOf(failed) === 'account-locked') {
    return (
      <Gate portal={portal}>
        <Locked portal={portal} until={lockEndOf(failed)} onBack={back} />
      </Gate>
    );
  }
  return (
    <Gate portal={portal}>
      {answer && failed === undefined ? (
        <Page boxed title={t('login.sso.title')}>
          <Loading />
        </Page>
      ) : (
        <Page boxed title={t('login.sso.failed')}>
          <Notice tone="warn" live>
            {answer ? say(failed) : t('login.sso.refused')}
          </Notice>
          <Button onPress={back}>{t('locked.back')}</Button>
        </Page>
      )}
    </Gate>
  );
}
