import { useQuery } from '@tanstack/react-query';
import { api, reply } from '../../api/client.js';
import { type Account, sessionsOf } from '../../api/queries.js';
import { SessionsCard } from '../../sessions/sessions.js';

export function TheirSessions({ portal, person }: { portal: string; person: Account }) {
  const { id, username } = person;
  const path = { portal, account: id };
  return (
    <SessionsCard
      whose="theirs"
      username={username}
      found={useQuery(sessionsOf(portal, id))}
      end={(session) =>
        reply(
          api.DELETE('/v1/portals/{portal}/accounts/{account}/sessions/{session}', {
            params: { path: { ...path, session } },
          }),
        )
      }
      endAll={() => reply(api.DELETE('/v1/portals/{portal}/accounts/{account}/sessions', { params: { path } }))}
    />
  );
}
