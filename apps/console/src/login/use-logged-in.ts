import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { tellOtherWindows } from '../api/windows.js';
import { tell } from '../parts/overlays/toast.js';
import { useTime } from '../parts/use-time.js';
import type { News } from './login-steps.js';
import { afterLogin, rememberPortal } from '../shell/places.js';

/** What follows a complete login: back to where one was. `to`: if the address of this screen does not say. */
export function useLoggedIn(to?: string | null) {
  const { t } = useTranslation();
  const time = useTime();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const asked = new URLSearchParams(useSearch()).get('next');
  const next = to === undefined ? asked : to;
  return (portal: string, { backupCodesLeft, graceEndsAt }: News = {}) => {
    queries.clear();
    tellOtherWindows('changed');
    rememberPortal(portal);
    navigate(afterLogin(portal, next), { replace: true });
    if (backupCodesLeft !== undefined) tell(t('login.fewBackupCodes', { count: backupCodesLeft }), 'warn');
    if (graceEndsAt !== undefined) tell(t('login.enrolmentUntil', { until: time(graceEndsAt) }), 'warn');
  };
}
