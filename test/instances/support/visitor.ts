import type { Api } from '#test/support/calls/client.js';
import type { Answer } from '#test/support/calls/http.js';
import type { Person, Portal } from '#test/support/people/portal.js';
import type { Cluster } from './cluster.js';

/** What a visitor has done, and was told. */
export class Visits {
  answered = 0;
  /** 503 with Retry-After, or a gateway that ended just then: to be tried again, carried out or not. */
  away = 0;
  wrongCodes = 0;
  locked = 0;
  awayAtCodes = 0;
}

/**
 * Someone at the gateways, one call after the other: passwords, wrong codes, a lock and the administrator who takes it off. A gateway that cannot be reached
 * is passed over, as whatever stands before several of them does. Throws at every answer that is not foreseen.
 */
export class Visitor {
  readonly visits = new Visits();
  private challenge: string | undefined;
  private turn = 0;

  constructor(
    private readonly cluster: Cluster,
    readonly portal: Portal,
    readonly person: Person,
  ) {}

  async run(ended: () => boolean): Promise<void> {
    while (!ended()) {
      await this.enterPassword();
      for (let times = 0; times < 4; times++) await this.enterWrongCode();
      await this.look();
    }
  }

  private async enterPassword(): Promise<void> {
    const answer = await this.at((api) => this.person.enterPassword(api));
    if (isAway(answer)) return;
    if (answer.code === 'account-locked') return this.unlock();
    const reply = answer.success();
    if (reply.status !== 'code-required') throw new Error('a code is needed');
    this.challenge = reply.challenge;
  }

  private async enterWrongCode(): Promise<void> {
    const { challenge } = this;
    if (challenge === undefined) return;
    const answer = await this.at((api) => api.sendCode(challenge, { code: this.person.phone.wrongCode() }));
    if (isAway(answer)) return void (this.visits.awayAtCodes += 1);
    if (answer.code === 'account-locked') return this.unlock();
    answer.refused('wrong-code');
    this.visits.wrongCodes += 1;
  }

  private async unlock(): Promise<void> {
    this.visits.locked += 1;
    this.challenge = undefined;
    const { portal, person } = this;
    const answer = await this.at((api) => api.as(portal.admin.token!).unlock(portal.id, person.id));
    // recorded, while the one that is to act by it is just being replaced
    const carriedOut = ['not-locked', 'not-yet-effective'];
    if (!isAway(answer) && !carriedOut.includes(answer.code ?? '')) answer.success();
  }

  private async look(): Promise<void> {
    const { token } = this.portal.admin;
    const answer = await this.at((api) => api.as(token!).myTwoFactor());
    if (!isAway(answer)) answer.success();
  }

  private async at<Body>(call: (api: Api) => Promise<Answer<Body>>): Promise<Answer<Body> | typeof away> {
    const { gateway } = this.cluster.all;
    for (let tries = 1; ; tries++) {
      try {
        const answer = await call(gateway[this.turn++ % gateway.length]!.api);
        if (isAway(answer)) break;
        this.visits.answered += 1;
        return answer;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ECONNRESET' || code === 'EPIPE') break;
        if (code !== 'ECONNREFUSED' || tries === gateway.length) throw error;
      }
    }
    this.visits.away += 1;
    return away;
  }
}

const away = Symbol('away');

const isAway = (answer: Answer<unknown> | typeof away): answer is typeof away =>
  answer === away || answer.code === 'unavailable';
