import { useQuery } from '@tanstack/react-query';
import { api, reply } from '../../api/client.js';
import { type Account, browsersOf } from '../../api/queries.js';
import { BrowsersCard } from '../../browsers/browsers.js';

export function TheirBrowsers({ portal, person }: { portal: string; person: Account }) {
  const { id, username } = person;
  const path = { portal, account: id };
  return (
    <BrowsersCard
      whose="theirs"
      username={username}
      found={useQuery(browsersOf(portal, id))}
      forget={(browser) =>
        reply(
          api.DELETE('/v1/portals/{portal}/accounts/{account}/browsers/{browser}', {
            params: { path: { ...path, browser } },
          }),
        )
      }
      forgetAll={() => reply(api.DELETE('/v1/portals/{portal}/accounts/{account}/browsers', { params: { path } }))}
    />
  );
}
