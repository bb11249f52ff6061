import { Injectable } from '@nestjs/common';
import type { AdapterPayload, ClientMetadata as ProviderClient } from 'oidc-provider';
import { systemContext } from '#libs/contracts/src/context.js';
import type { ClientMetadata } from '#libs/contracts/src/http/clients.js';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { RecentAnswers } from '#libs/platform/src/auth/recent-answers.js';
import { tokenHash } from '#libs/secrets/src/tokens.js';

/** The clients of portals, as admin-policy knows them: a second ago at most. */
@Injectable()
export class Clients {
  private readonly recent: RecentAnswers<{ readonly client: ClientMetadata | null }>;
  /** A right secret; a wrong one is looked at each time. */
  private readonly secrets: RecentAnswers<{ readonly isRight: boolean }>;

  constructor(private readonly requests: Requests) {
    this.secrets = new RecentAnswers(
      async (key) => {
        const [portal, clientId, secretHash] = key.split('/') as [string, string, string];
        const asked = { portal, clientId, secretHash };
        const { status } = await this.requests.send(adminPolicyRequests.describeClient, asked, systemContext());
        return { isRight: status === 'active' };
      },
      ({ isRight }) => isRight,
    );
    this.recent = new RecentAnswers(async (key) => {
      const [portal, clientId] = key.split('/') as [string, string];
      const asked = { portal, clientId };
      const found = await this.requests.send(adminPolicyRequests.describeClient, asked, systemContext());
      return { client: found.status === 'active' ? found.client : null };
    });
  }

  async of(portal: string, clientId: string): Promise<AdapterPayload | undefined> {
    // ids are made here, and none has another form
    if (!/^[0-9a-f-]{36}$/.test(clientId)) return undefined;
    const { client } = await this.recent.of(`${portal}/${clientId}`, systemContext());
    return client ? metadataOf(clientId, client) : undefined;
  }

  async isRegistered(portal: string, clientId: string): Promise<boolean> {
    return (await this.of(portal, clientId)) !== undefined;
  }

  /** Whether it hands people over, and does nothing else (R34). */
  async vouches(portal: string, clientId: string): Promise<boolean> {
    return (await this.of(portal, clientId))?.vouches === true;
  }

  async isSecret(portal: string, clientId: string, typed: string): Promise<boolean> {
    return (await this.secrets.of(`${portal}/${clientId}/${tokenHash(typed)}`, systemContext())).isRight;
  }
}

/** Stands where the library wants a secret; no secret is it. */
const KEPT_ELSEWHERE = 'its hash is kept by admin-policy';

const metadataOf = (client_id: string, client: ClientMetadata): ProviderClient => ({
  client_id,
  client_name: client.name,
  redirect_uris: [...client.redirectUris],
  post_logout_redirect_uris: [...(client.postLogoutRedirectUris ?? [])],
  response_types: ['code'],
  grant_types: client.vouches ? ['authorization_code'] : ['authorization_code', 'refresh_token'],
  id_token_signed_response_alg: 'ES256',
  // of a native one the library would take any port of `localhost` too; see redirects.ts
  application_type: 'web',
  ...(client.public
    ? { token_endpoint_auth_method: 'none' as const }
    : client.jwks
      ? { token_endpoint_auth_method: 'private_key_jwt' as const, jwks: client.jwks }
      : { token_endpoint_auth_method: 'client_secret_basic' as const, client_secret: KEPT_ELSEWHERE }),
  ...(client.vouches && {
    vouches: true,
    require_signed_request_object: true,
    require_pushed_authorization_requests: true,
  }),
});
