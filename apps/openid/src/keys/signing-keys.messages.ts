import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Context } from '#libs/contracts/src/context.js';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { openidRequests } from '#libs/contracts/src/messages/requests.js';
import type { signingKeys } from '#libs/contracts/src/signing-keys.js';
import { FORGOTTEN_AFTER_MS } from '#libs/platform/src/auth/recent-answers.js';
import { LOGGER } from '#libs/platform/src/tokens.js';
import { SigningKeys } from './signing-keys.js';

const { describeSigningKeys, rotateSigningKeys } = openidRequests;
type Described = z.input<typeof signingKeys>;

/** What admin-policy asks for the operator. A private key is in no answer. */
@Controller()
export class SigningKeysMessages {
  constructor(
    private readonly keys: SigningKeys,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @MessagePattern(describeSigningKeys.pattern)
  async describe(): Promise<Described> {
    const keys = await this.keys.all();
    return {
      keys: keys.map(({ jwk: { kid: id }, state, madeAt, signsFrom, publishedUntil }) => {
        const times = { madeAt: timestampOf(madeAt), signsFrom: timestampOf(signsFrom) };
        return { id, state, ...times, ...(publishedUntil && { publishedUntil: timestampOf(publishedUntil) }) };
      }),
    };
  }

  /** No portal's events tell of what is the installation's, so the log does. */
  @MessagePattern(rotateSigningKeys.pattern)
  async rotate(
    @Payload() { now = false }: PayloadOf<typeof rotateSigningKeys>,
    @Ctx() { correlationId }: Context,
  ): Promise<Described> {
    // before it, so that no crash leaves keys that nobody knows of
    this.logger[now ? 'warn' : 'info']({ now, correlationId }, 'rotating the signing keys');
    await this.keys.rotate({ atOnce: now });
    const described = await this.describe();
    this.logger.info({ now, keys: described.keys, correlationId }, 'signing keys rotated');
    await sleep(FORGOTTEN_AFTER_MS);
    return described;
  }
}

const timestampOf = (at: number): string => new Date(at).toISOString();
