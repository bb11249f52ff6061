import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { api, reply } from '../api/client.js';
import { tellOtherWindows } from '../api/windows.js';
import { useAction } from '../parts/overlays/action.js';
import { tell } from '../parts/overlays/toast.js';
import { loginPath } from './places.js';

/** Ends the session of this browser, and leads to the login. */
export function useLogOut(portal: string): () => void {
  const { t } = useTranslation();
  const { run } = useAction();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  return () =>
    run('log-out', async () => {
      await reply(api.POST('/v1/logout'));
      queries.clear();
      tellOtherWindows('changed');
      navigate(loginPath(portal));
      tell(t('shell.loggedOut'));
    });
}
