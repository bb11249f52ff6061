import { type CanActivate, type ExecutionContext, UnauthorizedException } from '@nestjs/common';
import { notPassed, type RequestWithSession, TwoFactor, type TwoFactorOptions } from './session.js';

/** For Nest on either platform: `@UseGuards(twoFactor.guard)`. */
export class NestTwoFactor<Request extends RequestWithSession = RequestWithSession> extends TwoFactor<Request> {
  readonly guard: CanActivate = {
    canActivate: (context: ExecutionContext): boolean => {
      if (this.hasPassed(context.switchToHttp().getRequest<Request>())) return true;
      throw new UnauthorizedException(notPassed);
    },
  };
}

export const newTwoFactor = <Request extends RequestWithSession = RequestWithSession>(
  options: TwoFactorOptions<Request>,
): NestTwoFactor<Request> => new NestTwoFactor(options);
export type { BegunInSession, RequestWithSession, TwoFactorOptions } from './session.js';
