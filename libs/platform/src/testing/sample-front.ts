import {
  adminPolicyRequests,
  identityRequests,
  type Session,
  twoFactorRequests,
} from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import { createApp } from '../app.js';
import type { Config } from '../settings/config.js';
import { createLogger } from '../observing/logger.js';
import { Metrics } from '../observing/metrics.js';
import { serve } from '../running/serve.js';
import { sampleApp, sampleEndpoints } from './sample-app.js';
import { contextOf, testConfig } from './stand-ins.js';

/** Tokens that the sample front knows; the administrator and the tool are of portal `mine`. */
export const tokens = {
  operator: testConfig.operatorToken,
  user: newToken('ses_'),
  /** Without a fresh proof. */
  administrator: newToken('ses_'),
  provedAdministrator: newToken('ses_'),
  ended: newToken('ses_'),
  unknownSession: newToken('ses_'),
  tool: newToken('svc_'),
  gateway: newToken('svc_'),
};

const sessionOf = (administrator: boolean, passwordAt: string | null = null): Session => ({
  sessionId: 's1',
  portal: 'mine',
  accountId: 'a1',
  username: 'alice',
  type: 'contributor',
  administrator,
  expiresAt: '2026-11-24T09:30:00.000Z',
  proof: { passwordAt, authenticatorId: null },
});

const sessions = new Map<string, unknown>([
  [tokenHash(tokens.user), { status: 'active', session: sessionOf(false) }],
  [tokenHash(tokens.administrator), { status: 'active', session: sessionOf(true) }],
  [tokenHash(tokens.provedAdministrator), { status: 'active', session: sessionOf(true, '2026-11-24T09:29:00.000Z') }],
  [tokenHash(tokens.ended), { status: 'ended' }],
]);
const services = new Map<string, unknown>([
  [tokenHash(tokens.tool), { status: 'active', tokenId: 't1', portal: 'mine', scopes: ['commands'] }],
  [tokenHash(tokens.gateway), { status: 'active', tokenId: 't2', portal: 'mine', scopes: ['challenges'] }],
]);
const replies = {
  [twoFactorRequests.requireProof.pattern]: ({ proof }: { proof: Session['proof'] }) => {
    if (proof.passwordAt !== null) return {};
    throw new Problem('re-authentication-required', 'Confirm your identity.', { needs: ['password'] });
  },
  [identityRequests.introspectSession.pattern]: (asked: { tokenHash: string }) =>
    sessions.get(asked.tokenHash) ?? { status: 'unknown' },
  [adminPolicyRequests.introspectServiceToken.pattern]: (asked: { tokenHash: string }) =>
    services.get(asked.tokenHash) ?? { status: 'unknown' },
};

export interface SampleFront {
  readonly url: string;
  /** Everything logged so far. */
  log(): string;
  /** Takes no more requests. */
  closeFront(): Promise<void>;
  close(): Promise<void>;
}

/** The sample app behind a real port. */
export async function openSampleFront(given: Partial<Config> = {}, logLevel = 'debug'): Promise<SampleFront> {
  const written: string[] = [];
  const logger = createLogger(logLevel, { write: (line) => void written.push(line) });
  const config = { ...testConfig, ...given };
  const metrics = new Metrics();
  const app = await createApp(sampleApp, contextOf(sampleApp.name, replies, { config, logger, metrics }));
  const apps = new Map([[sampleApp.name, app]]);
  const front = await serve({ apps, config, logger, metrics, contracts: Object.values(sampleEndpoints) });
  return {
    url: front.url,
    log: () => written.join(''),
    closeFront: () => front.close(),
    async close() {
      await front.close(0);
      await app.close();
    },
  };
}
