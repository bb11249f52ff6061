import { z } from 'zod';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { auditEndpoints } from '#libs/contracts/src/http/audit.js';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { importResult } from '#libs/contracts/src/http/import.js';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { Answer, type Call, type RawAnswer } from './http.js';

type BodyOf<E extends Endpoint> = z.input<E['body']>;
type Answered<E extends Endpoint> = Promise<Answer<z.output<E['reply']>>>;
const importResults = z.string().transform((lines) =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => importResult.parse(JSON.parse(line))),
);
type Typed = { code: string } | { backupCode: string };
type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface EventFilter extends Query {
  account?: string;
  type?: string | readonly string[];
  actor?: string;
  correlationId?: string;
  id?: readonly string[];
  from?: string;
  to?: string;
  order?: 'oldest' | 'newest';
  after?: string;
  limit?: number;
}

/**
 * A client of the published interface. The paths stand here as the interface names them, not as the product's contracts do;
 * the contracts' schemas only check the replies.
 */
export class Api {
  constructor(
    private readonly connection: { send(call: Call): Promise<RawAnswer> },
    private readonly token?: string,
    private readonly address?: string,
    private readonly remedy?: { readonly code: string; readonly apply: () => Promise<void> },
  ) {}

  as(token: string): Api {
    return new Api(this.connection, token, this.address);
  }
  /** The same client at another source address. */
  from(address: string): Api {
    return new Api(this.connection, this.token, address, this.remedy);
  }
  /** The same client, which sends these headers. */
  with(headers: NonNullable<Call['headers']>): Api {
    return new Api(
      { send: (call) => this.send({ ...call, headers: { ...headers, ...call.headers } }) },
      this.token,
      this.address,
    );
  }
  /** The same client, which does that when a call is refused with this code, and makes the call once more. */
  retryingAfter(code: string, apply: () => Promise<void>): Api {
    return new Api(this.connection, this.token, this.address, { code, apply });
  }

  /** Any call, well-formed or not. */
  raw(method: string, path: string, body?: unknown, headers?: Call['headers']): Promise<RawAnswer> {
    return this.send({ method, path, body, headers });
  }

  async send(call: Call): Promise<RawAnswer> {
    const { token = this.token, address = this.address } = call;
    const made = { ...call, token, address };
    const answer = await this.connection.send(made);
    if (!this.remedy || answer.status < 400 || codeOf(answer) !== this.remedy.code) return answer;
    await this.remedy.apply();
    return this.connection.send(made);
  }

  /** Any body to a call that the interface has. */
  async call<E extends Endpoint>(
    endpoint: E,
    method: string,
    path: string,
    body?: unknown,
    headers?: Call['headers'],
  ): Answered<E> {
    return new Answer(`${method} ${path}`, await this.raw(method, path, body, headers), endpoint);
  }

  // Installation
  installation() {
    return this.call(adminPolicyEndpoints.getInstallation, 'GET', '/v1/installation');
  }
  signingKeys() {
    return this.call(adminPolicyEndpoints.listSigningKeys, 'GET', '/v1/installation/signing-keys');
  }
  rotateSigningKeys(body: BodyOf<typeof adminPolicyEndpoints.rotateSigningKeys> = {}) {
    return this.call(adminPolicyEndpoints.rotateSigningKeys, 'POST', '/v1/installation/signing-keys', body);
  }
  createPortal(body: BodyOf<typeof identityEndpoints.createPortal>) {
    return this.call(identityEndpoints.createPortal, 'POST', '/v1/portals', body);
  }
  portals(query: Query = {}) {
    return this.call(adminPolicyEndpoints.listPortals, 'GET', `/v1/portals${search(query)}`);
  }
  grantAddOn(portal: string) {
    return this.call(adminPolicyEndpoints.grantAddOn, 'PUT', `/v1/portals/${portal}/add-ons/enterprise-security`);
  }
  revokeAddOn(portal: string) {
    return this.call(adminPolicyEndpoints.revokeAddOn, 'DELETE', `/v1/portals/${portal}/add-ons/enterprise-security`);
  }
  registerClient(portal: string, body: BodyOf<typeof adminPolicyEndpoints.registerClient>) {
    return this.call(adminPolicyEndpoints.registerClient, 'POST', `/v1/portals/${portal}/clients`, body);
  }
  clients(portal: string) {
    return this.call(adminPolicyEndpoints.listClients, 'GET', `/v1/portals/${portal}/clients`);
  }
  removeClient(portal: string, client: string) {
    return this.call(adminPolicyEndpoints.removeClient, 'DELETE', `/v1/portals/${portal}/clients/${client}`);
  }
  issueServiceToken(portal: string, body: BodyOf<typeof adminPolicyEndpoints.issueServiceToken>) {
    return this.call(adminPolicyEndpoints.issueServiceToken, 'POST', `/v1/portals/${portal}/service-tokens`, body);
  }
  serviceTokens(portal: string, query: Query = {}) {
    const path = `/v1/portals/${portal}/service-tokens${search(query)}`;
    return this.call(adminPolicyEndpoints.listServiceTokens, 'GET', path);
  }
  revokeServiceToken(portal: string, id: string) {
    return this.call(adminPolicyEndpoints.revokeServiceToken, 'DELETE', `/v1/portals/${portal}/service-tokens/${id}`);
  }

  // Administration
  settings(portal: string) {
    return this.call(adminPolicyEndpoints.getSettings, 'GET', `/v1/portals/${portal}/settings/two-factor`);
  }
  changeSettings(portal: string, body: unknown) {
    return this.call(adminPolicyEndpoints.changeSettings, 'PUT', `/v1/portals/${portal}/settings/two-factor`, body);
  }
  profile(portal: string) {
    return this.call(adminPolicyEndpoints.getProfile, 'GET', `/v1/portals/${portal}/settings/profile`);
  }
  changeProfile(portal: string, body: unknown) {
    return this.call(adminPolicyEndpoints.changeProfile, 'PUT', `/v1/portals/${portal}/settings/profile`, body);
  }
  sso(portal: string) {
    return this.call(adminPolicyEndpoints.getSso, 'GET', `/v1/portals/${portal}/settings/sso`);
  }
  changeSso(portal: string, body: BodyOf<typeof adminPolicyEndpoints.changeSso>) {
    return this.call(adminPolicyEndpoints.changeSso, 'PUT', `/v1/portals/${portal}/settings/sso`, body);
  }
  removeSso(portal: string) {
    return this.call(adminPolicyEndpoints.removeSso, 'DELETE', `/v1/portals/${portal}/settings/sso`);
  }
  register(portal: string, body: unknown) {
    return this.call(identityEndpoints.registerAccount, 'POST', `/v1/portals/${portal}/accounts`, body);
  }
  registerBatch(portal: string, accounts: readonly unknown[]) {
    return this.call(identityEndpoints.registerBatch, 'POST', `/v1/portals/${portal}/accounts/batch`, { accounts });
  }
  twoFactorSummary(portal: string) {
    const path = `/v1/portals/${portal}/two-factor/summary`;
    return this.call(identityEndpoints.getTwoFactorSummary, 'GET', path);
  }
  /** Each line as it is if it is a text, else as JSON. */
  importAccounts(portal: string, lines: readonly unknown[], query: Query = {}) {
    const body = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
    const path = `/v1/portals/${portal}/import${search(query)}`;
    const endpoint = { ...identityEndpoints.importAccounts, reply: importResults };
    return this.call(endpoint, 'POST', path, body, { 'content-type': 'application/x-ndjson' });
  }
  accounts(portal: string, query: Query = {}) {
    return this.call(identityEndpoints.listAccounts, 'GET', `/v1/portals/${portal}/accounts${search(query)}`);
  }
  account(portal: string, id: string) {
    return this.call(identityEndpoints.getAccount, 'GET', `/v1/portals/${portal}/accounts/${id}`);
  }
  changeAccount(portal: string, id: string, body: unknown) {
    return this.call(identityEndpoints.changeAccount, 'PATCH', `/v1/portals/${portal}/accounts/${id}`, body);
  }
  unlock(portal: string, id: string) {
    return this.call(adminPolicyEndpoints.unlock, 'POST', `/v1/portals/${portal}/accounts/${id}/unlock`);
  }
  disableFor(portal: string, id: string) {
    const path = `/v1/portals/${portal}/accounts/${id}/two-factor/disable`;
    return this.call(adminPolicyEndpoints.disableTwoFactor, 'POST', path);
  }
  suspend(portal: string, id: string) {
    return this.call(identityEndpoints.suspendAccount, 'POST', `/v1/portals/${portal}/accounts/${id}/suspend`);
  }
  resume(portal: string, id: string) {
    return this.call(identityEndpoints.resumeAccount, 'POST', `/v1/portals/${portal}/accounts/${id}/resume`);
  }
  deleteAccount(portal: string, id: string) {
    return this.call(identityEndpoints.deleteAccount, 'DELETE', `/v1/portals/${portal}/accounts/${id}`);
  }
  issuePasswordLink(portal: string, id: string) {
    const path = `/v1/portals/${portal}/accounts/${id}/password-links`;
    return this.call(identityEndpoints.issuePasswordLink, 'POST', path);
  }
  redeemPasswordLink(token: string, password: unknown) {
    const body = { token, password };
    return this.call(identityEndpoints.redeemPasswordLink, 'POST', '/v1/password-links/redeem', body);
  }
  sessionsOf(portal: string, id: string) {
    return this.call(identityEndpoints.listSessions, 'GET', `/v1/portals/${portal}/accounts/${id}/sessions`);
  }
  endSessionsOf(portal: string, id: string) {
    return this.call(identityEndpoints.endSessions, 'DELETE', `/v1/portals/${portal}/accounts/${id}/sessions`);
  }
  endSessionOf(portal: string, id: string, session: string) {
    const path = `/v1/portals/${portal}/accounts/${id}/sessions/${session}`;
    return this.call(identityEndpoints.endSession, 'DELETE', path);
  }
  browsersOf(portal: string, id: string) {
    return this.call(identityEndpoints.listBrowsers, 'GET', `/v1/portals/${portal}/accounts/${id}/browsers`);
  }
  forgetBrowsersOf(portal: string, id: string) {
    return this.call(identityEndpoints.forgetBrowsers, 'DELETE', `/v1/portals/${portal}/accounts/${id}/browsers`);
  }
  forgetBrowserOf(portal: string, id: string, browser: string) {
    const path = `/v1/portals/${portal}/accounts/${id}/browsers/${browser}`;
    return this.call(identityEndpoints.forgetBrowser, 'DELETE', path);
  }
  issueLoginToken(portal: string, id: string) {
    return this.call(identityEndpoints.issueLoginToken, 'POST', `/v1/portals/${portal}/accounts/${id}/login-tokens`);
  }

  // The user's own
  me() {
    return this.call(identityEndpoints.me, 'GET', '/v1/me');
  }
  mySessions() {
    return this.call(identityEndpoints.mySessions, 'GET', '/v1/me/sessions');
  }
  endMySession(session: string) {
    return this.call(identityEndpoints.endMySession, 'DELETE', `/v1/me/sessions/${session}`);
  }
  endMyOtherSessions() {
    return this.call(identityEndpoints.endMyOtherSessions, 'DELETE', '/v1/me/sessions');
  }
  myBrowsers() {
    return this.call(identityEndpoints.myBrowsers, 'GET', '/v1/me/browsers');
  }
  forgetMyBrowser(browser: string) {
    return this.call(identityEndpoints.forgetMyBrowser, 'DELETE', `/v1/me/browsers/${browser}`);
  }
  forgetMyBrowsers() {
    return this.call(identityEndpoints.forgetMyBrowsers, 'DELETE', '/v1/me/browsers');
  }
  changePassword(body: BodyOf<typeof identityEndpoints.changePassword>) {
    return this.call(identityEndpoints.changePassword, 'POST', '/v1/me/password', body);
  }
  reAuthenticate(body: unknown) {
    return this.call(identityEndpoints.reAuthenticate, 'POST', '/v1/me/re-authenticate', body);
  }
  myTwoFactor() {
    return this.call(twoFactorEndpoints.myTwoFactor, 'GET', '/v1/me/two-factor');
  }
  setUp() {
    return this.call(twoFactorEndpoints.setUp, 'POST', '/v1/me/two-factor/setup');
  }
  confirm(code: unknown, setupId?: string) {
    const body = { code, ...(setupId !== undefined && { setupId }) };
    return this.call(twoFactorEndpoints.confirm, 'POST', '/v1/me/two-factor/confirm', body);
  }
  disable() {
    return this.call(twoFactorEndpoints.disableMine, 'POST', '/v1/me/two-factor/disable');
  }
  reset() {
    return this.call(twoFactorEndpoints.reset, 'POST', '/v1/me/two-factor/reset');
  }
  newBackupCodes() {
    return this.call(twoFactorEndpoints.issueBackupCodes, 'POST', '/v1/me/two-factor/backup-codes');
  }
  authenticators() {
    return this.call(twoFactorEndpoints.myAuthenticators, 'GET', '/v1/me/authenticators');
  }
  addTotp(name: unknown) {
    return this.call(twoFactorEndpoints.addTotp, 'POST', '/v1/me/authenticators/totp', { name });
  }
  confirmTotp(code: unknown, setupId?: string) {
    const body = { code, ...(setupId !== undefined && { setupId }) };
    return this.call(twoFactorEndpoints.confirmTotp, 'POST', '/v1/me/authenticators/totp/confirm', body);
  }
  renameAuthenticator(id: string, name: unknown) {
    return this.call(twoFactorEndpoints.renameAuthenticator, 'PATCH', `/v1/me/authenticators/${id}`, { name });
  }
  removeAuthenticator(id: string) {
    return this.call(twoFactorEndpoints.removeAuthenticator, 'DELETE', `/v1/me/authenticators/${id}`);
  }

  // Login
  portalProfile(portal: string) {
    return this.call(twoFactorEndpoints.portalProfile, 'GET', `/v1/portals/${portal}/profile`);
  }
  login(body: BodyOf<typeof identityEndpoints.login>) {
    return this.call(identityEndpoints.login, 'POST', '/v1/login', body);
  }
  sendCode(challenge: string, typed: Typed & { remember?: boolean }) {
    return this.call(identityEndpoints.loginWithCode, 'POST', '/v1/login/code', { challenge, ...typed });
  }
  loginWithToken(portal: string, token: string) {
    return this.call(identityEndpoints.loginWithToken, 'POST', '/v1/login/token', { portal, token });
  }
  loginWithSso(portal: string, idToken: string) {
    return this.call(identityEndpoints.loginWithSso, 'POST', '/v1/login/sso', { portal, idToken });
  }
  ssoProvider(portal: string) {
    return this.call(identityEndpoints.getSsoProvider, 'GET', `/v1/portals/${portal}/sso`);
  }
  startSsoLogin(portal: string) {
    return this.call(identityEndpoints.startSsoLogin, 'POST', '/v1/login/sso/start', { portal });
  }
  completeSsoLogin(body: BodyOf<typeof identityEndpoints.completeSsoLogin>) {
    return this.call(identityEndpoints.completeSsoLogin, 'POST', '/v1/login/sso/complete', body);
  }
  logout() {
    return this.call(identityEndpoints.logout, 'POST', '/v1/logout');
  }

  // For a gateway
  openChallenge(portal: string, accountId: string, client?: BodyOf<typeof twoFactorEndpoints.openChallenge>['client']) {
    const body = { accountId, ...(client && { client }) };
    return this.call(twoFactorEndpoints.openChallenge, 'POST', `/v1/portals/${portal}/challenges`, body);
  }
  verifyChallenge(challenge: string, typed: Typed) {
    return this.call(twoFactorEndpoints.verifyChallenge, 'POST', '/v1/challenges/verify', { challenge, ...typed });
  }

  // Event streams
  events(portal: string, filter: EventFilter = {}) {
    return this.call(auditEndpoints.listEvents, 'GET', `/v1/portals/${portal}/events${search(filter)}`);
  }
  exportEvents(portal: string, format: 'ndjson' | 'csv') {
    return this.call(auditEndpoints.exportEvents, 'GET', `/v1/portals/${portal}/events/export?format=${format}`);
  }
}

function search(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const each of [value ?? []].flat()) parameters.append(key, String(each));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

function codeOf({ text }: RawAnswer): unknown {
  try {
    return (JSON.parse(text) as { code?: unknown } | null)?.code;
  } catch {
    return undefined;
  }
}
