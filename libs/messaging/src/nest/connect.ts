import { Catch, type INestApplication, type RpcExceptionFilter } from '@nestjs/common';
import { NestMicroservice } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import type { AppBus } from '../port.js';

/** Nest's own filter would log the error with its message and reply "Internal server error"; the bus makes the `Problem` itself. */
@Catch()
export class KeepErrors implements RpcExceptionFilter<unknown> {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Makes the bus controllers of the app answer: call it before `app.init()`, then `app.startAllMicroservices()` after it.
 * Guards, pipes and filters of the app's HTTP side do not apply to bus controllers.
 */
export function connectBus(app: INestApplication, { strategy }: AppBus): void {
  const microservice = app.connectMicroservice({ strategy }, { deferInitialization: true });
  microservice.useGlobalFilters(new KeepErrors());
  // Its listeners are registered at `startAllMicroservices`; the app's hooks have run by then and must not run twice.
  if (microservice instanceof NestMicroservice) microservice.setIsInitHookCalled(true);
}
