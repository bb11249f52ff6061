import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { Provider } from 'oidc-provider';
import type { Context } from '#libs/contracts/src/context.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { tokenHash } from '#libs/secrets/src/tokens.js';
import { People, type Person } from '../people/people.js';
import { ACR, type Authentication, authenticationOf } from '../people/person-session.js';
import { StoredModels } from '../storage/stored-models.js';
import type { NotedLogin } from '../provider/configuration.js';
import { Clients } from '../provider/clients.js';
import { firstOf, parameter } from '../provider/parameters.js';

/** What a person still has to do: log in, prove again who they are with what is missing, or set up 2FA. */
export type Needs =
  | { readonly kind: 'login' }
  | { readonly kind: 'proof'; readonly missing: readonly string[] }
  | { readonly kind: 'enrolment' };

export interface Asked {
  readonly portal: string;
  readonly provider: Provider;
  readonly uid: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Of the browser's session at the console. */
  readonly token: string | undefined;
  readonly context: Context;
}
type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/**
 * Between an application that asks for a login and its answer stands a page of the console. It asks here what is missing, has
 * the person do it by the calls that every login takes, and says when it is done; whether it is, is looked at here.
 */
@Injectable()
export class Interactions {
  constructor(
    private readonly requests: Requests,
    private readonly people: People,
    private readonly clients: Clients,
    private readonly models: StoredModels,
  ) {}

  /** For the page. @throws Problem `not-found`: it is over, or another browser's */
  async describe(asked: Asked) {
    const interaction = await this.find(asked);
    const { client_id, login_hint, ui_locales } = interaction.params as Record<string, string | undefined>;
    const client = await this.clients.of(asked.portal, client_id ?? '');
    const { needs } = await this.look(asked, interaction);
    return {
      application: String(client?.client_name ?? ''),
      ...(login_hint !== undefined && { loginHint: login_hint.slice(0, 512) }),
      ...(ui_locales !== undefined && { locales: ui_locales.slice(0, 100) }),
      needs,
    };
  }

  /** Where the browser goes on. @throws Problem `unauthenticated` something is missing still */
  async complete(asked: Asked): Promise<string> {
    const interaction = await this.find(asked);
    const { needs, person, authentication } = await this.look(asked, interaction);
    if (needs !== null || !person || !authentication)
      throw new Problem('unauthenticated', 'The login is not complete.');
    const { acr, amr, authTime: ts } = authentication;
    const { accountId, sessionId } = person;
    const noted: NotedLogin = { accountId, sessionId, by: tokenHash(asked.token ?? '') };
    // as the console's own cookie, that of the provider ends with the browser
    const login = { ...noted, acr, amr: [...amr], ts, remember: false };
    // nobody is asked for a consent, also where an application wants one to be
    return asked.provider.interactionResult(asked.request, asked.response, { login, consent: {} });
  }

  /** The person does not want to. */
  async cancel(asked: Asked): Promise<string> {
    await this.find(asked);
    const result = { error: 'access_denied', error_description: 'the person has cancelled the login' };
    return asked.provider.interactionResult(asked.request, asked.response, result);
  }

  /** By the cookie that the browser was given with it: a link to the page of another's does nothing. */
  private async find({ provider, uid, request, response }: Asked): Promise<Interaction> {
    const found = await provider.interactionDetails(request, response).catch((error: unknown) => {
      if (error instanceof Error && error.name === 'SessionNotFound') return null;
      throw error;
    });
    if (found?.uid !== uid) throw new Problem('not-found', 'This login is over. Go back to the application.');
    return found;
  }

  private async look(
    { portal, token, context }: Asked,
    interaction: Interaction,
  ): Promise<{ needs: Needs | null; person?: Person; authentication?: Authentication }> {
    const person = token === undefined ? null : await this.people.byToken(portal, token, context);
    if (!person) return { needs: { kind: 'login' } };
    if (person.enrolmentRequired) return { needs: { kind: 'enrolment' } };
    const { reasons } = interaction.prompt;
    const authentication = authenticationOf(person);
    // asked to log in again, whoever is there: prompt=login, max_age; the hint is of somebody else
    const isAgain = reasons.some((reason) => reason === 'login_prompt' || reason === 'max_age');
    const askedAt = Math.floor((await this.models.storedAt(portal, 'Interaction', interaction.uid)) / 1_000);
    if (isAgain && authentication.authTime < askedAt) return { needs: { kind: 'login' } };
    if (reasons.includes('id_token_hint') && !isOf(person, interaction)) return { needs: { kind: 'login' } };
    const wantsBoth = isAgain || firstOf(interaction.params, 'acr_values') === ACR.twoFactors;
    if (wantsBoth && authentication.acr !== ACR.twoFactors) {
      const missing = await this.missing(person, context);
      // nor is a provider's word, which may be of hours ago, or a link one factor again
      if (missing.includes('code') || (isAgain && missing.length > 0)) return { needs: { kind: 'proof', missing } };
    }
    return { needs: null, person, authentication };
  }

  /** Of a proof with both factors (R14); nothing where there is no 2FA. */
  private async missing({ portal, accountId, sessionId, proof }: Person, context: Context): Promise<readonly string[]> {
    try {
      await this.requests.send(twoFactorRequests.requireProof, { portal, accountId, sessionId, proof }, context);
      return [];
    } catch (error) {
      if (error instanceof Problem && error.code === 're-authentication-required') return error.extras.needs ?? [];
      throw error;
    }
  }
}

function isOf({ accountId }: Person, { params }: Interaction): boolean {
  const [, payload = ''] = parameter(params, 'id_token_hint').split('.');
  try {
    const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { sub?: unknown };
    return sub === accountId;
  } catch {
    return false;
  }
}
