import type { Api } from './client.js';
import type { Answer } from './http.js';
import type { Person } from '../people/portal.js';

export type Typed = { code: string } | { backupCode: string };
export type Entrance = (typed: Typed) => Promise<Answer<unknown>>;

/** Well formed, and of nobody. */
export const noBackupCode = 'AAAA-BBBB-CCCC-DDDD';

/** All at the same moment. */
export const times = <T>(count: number, make: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)));

/** Every entrance where the code of an active secret is an attempt, by its operation; each with a challenge or a session of its own. */
export async function entrances(user: Person, gateway: Api) {
  const [atLogin, atGateway] = [await user.challenge(), await user.challengeAt(gateway)];
  const { api, stack } = user;
  const { password } = user.credentials;
  return {
    loginWithCode: (typed) => stack.api.sendCode(atLogin, typed),
    verifyChallenge: (typed) => gateway.verifyChallenge(atGateway, typed),
    reAuthenticate: (typed) => api.reAuthenticate({ password, ...typed }),
  } satisfies Record<string, Entrance>;
}

/** The same typed text ten times at each entrance, all at the same moment. */
export async function everywhereAtOnce(user: Person, gateway: Api, typed: Typed): Promise<Answer<unknown>[]> {
  const at = await times(10, () => entrances(user, gateway));
  return Promise.all(at.flatMap((each) => Object.values(each).map((send) => send(typed))));
}

export const successes = (answers: readonly Answer<unknown>[]): number =>
  answers.filter(({ code }) => code === null).length;
