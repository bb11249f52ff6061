import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { OPENID_PATHS } from '#libs/contracts/src/http/endpoint.js';
import { portalId } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { browserOrigin } from '#libs/platform/src/http/browser-origin.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CONFIG } from '#libs/platform/src/tokens.js';
import { type PortalProvider, Providers } from './providers.js';

export interface RequestedProvider extends PortalProvider {
  readonly portal: string;
  /** Beneath the issuer, with the query. */
  readonly path: string;
}

/** The provider of the portal that a path names. */
@Injectable()
export class RequestedProviders {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly providers: Providers,
  ) {}

  /** @throws Problem `not-found` no such portal, `unavailable` */
  async of(request: FastifyRequest): Promise<RequestedProvider> {
    const { portal } = request.params as { portal: string };
    const mount = `${OPENID_PATHS}${portal}`;
    // an id has one way to be written
    const isWellFormed = portalId.safeParse(portal).success && request.raw.url!.startsWith(`${mount}/`);
    const found = isWellFormed ? await this.providers.of(portal, this.originOf(request)) : null;
    if (!found) throw new Problem('not-found', 'No such portal.');
    return { ...found, portal, path: request.raw.url!.slice(mount.length) };
  }

  /** @throws Problem `unavailable` */
  private originOf({ headers: { host } }: FastifyRequest): string {
    const origin = browserOrigin(this.config.publicUrl, host);
    if (origin !== undefined) return origin;
    throw new Problem('unavailable', 'Set PUBLIC_URL: applications must know one origin of this installation.');
  }
}
