import { Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';

export type LoginWay = 'password' | 'code' | 'login-token' | 'sso' | 'hand-over';

/** Counts how logins end. Refusals of a locked account stand here and not in the log (R30). */
@Injectable()
export class LoginOutcomes {
  constructor(private readonly metrics: Metrics) {}

  async count<T extends { readonly status: string }>(way: LoginWay, login: () => Promise<T>): Promise<T> {
    let outcome = 'internal-error';
    try {
      const answer = await login();
      outcome = answer.status;
      return answer;
    } catch (error) {
      if (error instanceof Problem) outcome = error.code;
      throw error;
    } finally {
      this.metrics.logins.inc({ way, outcome });
    }
  }
}
