import { notPassed, type RequestWithSession, TwoFactor, type TwoFactorOptions } from './session.js';

interface ExpressResponseLike {
  status(status: number): { json(body: object): unknown };
}

/** For Express with express-session: `guard` is a middleware. */
export class ExpressTwoFactor<Request extends RequestWithSession = RequestWithSession> extends TwoFactor<Request> {
  readonly guard = (request: Request, response: ExpressResponseLike, next: () => void): void => {
    if (this.hasPassed(request)) next();
    else response.status(401).json(notPassed);
  };
}

export const newTwoFactor = <Request extends RequestWithSession = RequestWithSession>(
  options: TwoFactorOptions<Request>,
): ExpressTwoFactor<Request> => new ExpressTwoFactor(options);
export type { BegunInSession, RequestWithSession, TwoFactorOptions } from './session.js';
