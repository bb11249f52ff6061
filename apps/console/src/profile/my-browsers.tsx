import { useQuery } from '@tanstack/react-query';
import { api, reply } from '../api/client.js';
import { myBrowsers } from '../api/queries.js';
import { BrowsersCard } from '../browsers/browsers.js';

export function MyBrowsers({ username }: { username: string }) {
  return (
    <BrowsersCard
      whose="mine"
      username={username}
      found={useQuery(myBrowsers)}
      forget={(browser) => reply(api.DELETE('/v1/me/browsers/{browser}', { params: { path: { browser } } }))}
      forgetAll={() => reply(api.DELETE('/v1/me/browsers'))}
    />
  );
}
