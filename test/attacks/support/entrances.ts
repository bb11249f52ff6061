import type { Api } from '#test/support/client.js';
import type { Answer } from '#test/support/http.js';
import type { Person } from '#test/support/portal.js';

export type Typed = { code: string } | { backupCode: string };
export type Entrance = (typed: Typed) => Promise<Answer<unknown>>;

/** Well formed, and of nobody. */
export const noBackupCode = 'AAAA-BBBB-CCCC-DDDD';

export const times = <T>(count: number, make: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)));

/** A challenge for the user, opened by that gateway. */
export async function opened(gateway: Api, user: Person): Promise<string> {
  const answer = (await gateway.openChallenge(user.portal, user.id)).success();
  if (!answer.required) throw new Error(`${user.credentials.username} needs no code`);
  return answer.challenge;
}

/** Every entrance where the code of an active secret is an attempt, by its operation; each with a challenge or a session of its own. */
export async function entrances(user: Person, gateway: Api) {
  const [atLogin, atGateway] = [await user.challenge(), await opened(gateway, user)];
  const { api, stack } = user;
  const { password } = user.credentials;
  return {
    loginWithCode: (typed) => stack.api.sendCode(atLogin, typed),
    verifyChallenge: (typed) => gateway.verifyChallenge(atGateway, typed),
    reAuthenticate: (typed) => api.reAuthenticate({ password, ...typed }),
  } satisfies Record<string, Entrance>;
}
