import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { api, reply } from '../api/client.js';
import { loginProvider } from '../api/queries.js';
import { Button } from '../parts/button.js';
import { isPortal } from '../parts/fields/field.js';
import { useAction } from '../parts/overlays/action.js';
import { useRested } from '../parts/use-rested.js';
import { noteReturn } from './sso-return.js';

/** Where the portal has a provider: the way there. */
export function ByProvider({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const [path] = useLocation();
  const search = useSearch();
  const [gone, setGone] = useState(false);
  const { running, run } = useAction();
  const asked = useRested(portal);
  const { data } = useQuery({ ...loginProvider(asked), enabled: isPortal(asked) });
  useEffect(() => {
    // who comes back finds the page as they left it
    const isBack = () => setGone(false);
    addEventListener('pageshow', isBack);
    return () => removeEventListener('pageshow', isBack);
  }, []);
  if (asked !== portal || !data?.provider) return null;
  const go = () =>
    run('go', async () => {
      const { authorizationUrl } = await reply(api.POST('/v1/login/sso/start', { body: { portal } }));
      noteReturn({ portal, next: path === '/login' ? new URLSearchParams(search).get('next') : path });
      setGone(true);
      location.assign(authorizationUrl);
    });
  return (
    <div className="stack-s">
      <p className="muted">{t('login.or')}</p>
      <Button busy={running !== null || gone} onPress={go}>
        {t('login.by', { provider: data.provider })}
      </Button>
    </div>
  );
}
