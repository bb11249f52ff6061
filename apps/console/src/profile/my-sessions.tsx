import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { mySessions } from '../api/queries.js';
import { Button } from '../parts/button.js';
import { SessionsCard } from '../sessions/sessions.js';
import { useLogOut } from '../shell/log-out.js';

export function MySessions({ portal, username }: { portal: string; username: string }) {
  const { t } = useTranslation();
  const found = useQuery(mySessions);
  const logOut = useLogOut(portal);
  return (
    <SessionsCard
      whose="mine"
      username={username}
      found={found}
      end={(session) => reply(api.DELETE('/v1/me/sessions/{session}', { params: { path: { session } } }))}
      endAll={() => reply(api.DELETE('/v1/me/sessions'))}
      ofCurrent={<Button onPress={logOut}>{t('shell.logOut')}</Button>}
    />
  );
}
