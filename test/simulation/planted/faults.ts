/** One change of one source file, by which a promise is broken. */
export interface PlantedFault {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file once. */
  readonly find: string;
  readonly put: string;
  /** Rules whose predicates may notice it. */
  readonly expects: readonly string[];
}

const twoFactor = 'apps/two-factor/src';
const identity = 'apps/identity/src';
const attempts = `${twoFactor}/second-factor/attempts.ts`;
const state = `${twoFactor}/second-factor/state.ts`;
const secondFactors = `${twoFactor}/change/second-factors.ts`;
const aggregates = 'libs/event-store/src/aggregates.ts';

export const plantedFaults: readonly PlantedFault[] = [
  {
    name: 'epoch-left-out',
    file: attempts,
    find: '      challenge.epoch !== state.epoch ||\n',
    put: '',
    expects: ['R21'],
  },
  {
    name: 'challenge-passes-again',
    file: attempts,
    find: 'state.passedChallenges.some(({ id }) => id === challenge.id)',
    put: 'false',
    expects: ['R21'],
  },
  {
    name: 'challenge-never-expires',
    file: attempts,
    find: 'now >= challenge.expiresAt ||',
    put: '',
    expects: ['R21'],
  },
  {
    name: 'wrong-code-ends-challenge',
    file: state,
    find: 'return { ...state, failedAttempts: event.data.failedAttempts };',
    put: 'return { ...state, failedAttempts: event.data.failedAttempts, epoch: state.epoch + 1 };',
    expects: ['R21'],
  },
  {
    name: 'same-step-again',
    file: attempts,
    find: 'timeStep <= authenticator.lastAcceptedStep',
    put: 'timeStep < authenticator.lastAcceptedStep',
    expects: ['R18'],
  },
  {
    name: 'five-windows',
    file: 'libs/totp/src/totp.ts',
    find: 'const TOLERANCE = 1;',
    put: 'const TOLERANCE = 2;',
    expects: ['R17'],
  },
  {
    name: 'backup-code-again',
    file: attempts,
    find: 'used.includes(index)',
    put: 'false',
    expects: ['R10'],
  },
  {
    name: 'count-of-an-old-state',
    file: secondFactors,
    find: '    const outcome = await this.streams.execute<AnswerTo<C>>(\n      streamOfAccount(account),\n      context,\n      async (state, { now: at }) => {\n',
    put: '    let first: SecondFactor | undefined;\n    const outcome = await this.streams.execute<AnswerTo<C>>(\n      streamOfAccount(account),\n      context,\n      async (present, { now: at }) => {\n        const state = (first ??= present);\n',
    expects: ['R22'],
  },
  {
    name: 'setup-forgives-failures',
    file: state,
    find: "        epoch: reason === 'reset' ? state.epoch + 1 : state.epoch,",
    put: "        failedAttempts: 0,\n        epoch: reason === 'reset' ? state.epoch + 1 : state.epoch,",
    expects: ['R22', 'R29'],
  },
  {
    name: 'unlock-leaves-the-count',
    file: state,
    find: 'lockedAt: null, failedAttempts: 0,',
    put: 'lockedAt: null,',
    expects: ['R22', 'R29'],
  },
  {
    name: 'old-limit',
    file: `${twoFactor}/policy/policy-facts.ts`,
    find: 'this.known = engine.log.shared ? undefined : lruOf(20_000);',
    put: 'this.known = lruOf(20_000);',
    expects: ['R02', 'R16', 'R20', 'R41'],
  },
  {
    name: 'secret-remembered-over-a-reset',
    file: `${twoFactor}/verify/code-reader.ts`,
    find: '    const step = timeStepAt(now, totp);\n    return this.reading(account, id, (secret) => {\n      const timeStep = matchStep(secret, code, step, totp);\n      return timeStep === null',
    put: '    const step = timeStepAt(now, totp);\n    const known: Map<string, Buffer> = ((this as unknown as { known?: Map<string, Buffer> }).known ??= new Map());\n    return this.reading(account, id, (fresh) => {\n      const secret = known.get(account.accountId) ?? Buffer.from(fresh);\n      known.set(account.accountId, secret);\n      const timeStep = matchStep(secret, code, step, totp);\n      return timeStep === null',
    expects: ['R17', 'R13'],
  },
  {
    name: 'snapshot-of-the-state-before',
    file: aggregates,
    find: 'if (version % this.#snapshotEvery < events.length) this.#keepSnapshot(stream, folded);',
    put: 'if (version % this.#snapshotEvery < events.length) this.#keepSnapshot(stream, { ...folded, state: present.state });',
    expects: ['R29', 'R22'],
  },
  {
    name: 'stale-state-believed',
    file: aggregates,
    find: 'if (cached !== undefined && (!this.#log.shared || (await this.#isHead(stream, cached)))) return cached;',
    put: 'if (cached !== undefined) return cached;',
    expects: ['R29', 'R23', 'R41', 'R42'],
  },
  {
    name: 'answered-before-it-is-stored',
    file: aggregates,
    find: '      await this.#log.append(commit);',
    put: '      void this.#log.append(commit).catch(() => {});',
    expects: ['R28', 'R46'],
  },
  {
    name: 'command-not-looked-up-again',
    file: aggregates,
    find: 'if (context.command !== undefined && (context.command.first !== true || conflicts > 0)) {',
    put: 'if (conflicts < 0 && context.command !== undefined) {',
    expects: ['R44'],
  },
  {
    name: 'clock-set-back-in-a-stream',
    file: aggregates,
    find: 'const now = Math.max(Math.trunc(this.options.clock()), present.lastAt);',
    put: 'const now = Math.trunc(this.options.clock());',
    expects: ['R29'],
  },
  {
    name: 'secret-destroyed-before-its-event',
    file: secondFactors,
    find: 'if (dropped.length > 0) await this.vault.touch(portal, account, dropped);',
    put: 'if (dropped.length > 0) await this.vault.destroy(portal, account, dropped);',
    expects: ['R13', 'R31'],
  },
  {
    name: 'secret-kept-after-its-end',
    file: secondFactors,
    find: 'if (secretsChange) await this.destroyUnnamed(account);',
    put: 'if (secretsChange) void account;',
    expects: ['R13'],
  },
  {
    name: 'position-saved-before-the-work',
    file: 'libs/messaging/src/consuming/ordered-work.ts',
    find: 'const entry: Entry = { upTo: position, done: false };',
    put: 'const entry: Entry = { upTo: position, done: true };',
    expects: ['R31', 'R23', 'R29'],
  },
  {
    name: 'adoption-answered-too-early',
    file: 'libs/messaging/src/adopting/adoptions.ts',
    find: 'if (version === 0) return true;',
    put: 'if (version >= 0) return true;',
    expects: ['R02', 'R16', 'R20', 'R41', 'R23', 'R25', 'R45'],
  },
  {
    name: 'session-remembered-by-an-instance',
    file: 'libs/platform/src/auth/authenticator.ts',
    find: '    const reply = await this.requests.send(identityRequests.introspectSession, { tokenHash: hash }, context);',
    put: '    type Reply = Awaited<ReturnType<typeof ask>>;\n    const ask = () => this.requests.send(identityRequests.introspectSession, { tokenHash: hash }, context);\n    const known: Map<string, Reply> = ((this as unknown as { known?: Map<string, Reply> }).known ??= new Map());\n    const reply = known.get(hash) ?? (await ask());\n    known.set(hash, reply);',
    expects: ['R23', 'R41', 'R44', 'R45', 'R29'],
  },
  {
    name: 'lock-ends-one-session-alone',
    file: `${identity}/sessions/session-store.ts`,
    find: '      const page = await this.byAccount.list({ prefix, limit: BATCH, ...(after && { after }) });\n      await Promise.all(page.filter(',
    put: '      const page = await this.byAccount.list({ prefix, limit: 1, ...(after && { after }) });\n      await Promise.all(page.filter(',
    expects: ['R23', 'R41', 'R44', 'R45'],
  },
  {
    name: 'lock-not-heard-of',
    file: `${identity}/sessions/two-factor.events.ts`,
    find: '    return this.end(event, {});',
    put: '    return Promise.resolve();',
    expects: ['R23', 'R25'],
  },
  {
    name: 'suspended-at-gateways',
    file: `${twoFactor}/second-factor/policy.ts`,
    find: "  if (suspension.active) return { refused: 'account-suspended' };\n",
    put: '  void suspension;\n',
    expects: ['R41'],
  },
  {
    name: 'removal-leaves-sessions',
    file: `${identity}/sessions/two-factor.events.ts`,
    find: 'return this.end(event, { except: event.data.sessionId });',
    put: 'return Promise.resolve();',
    expects: ['R45'],
  },
  {
    name: 'deletion-leaves-a-key',
    file: 'libs/vault/src/personal/personal-keys.ts',
    find: '      const found = await this.#entries.list({ prefix, limit: PAGE });',
    put: "      const found = (await this.#entries.list({ prefix, limit: PAGE })).filter(({ key }) => key[2] !== 'person');",
    expects: ['R42'],
  },
  {
    name: 'deletion-leaves-the-name',
    file: `${identity}/deletion/deletions.ts`,
    find: '      if (person) await this.usernames.settle(ref, person.username);\n',
    put: '',
    expects: ['R42'],
  },
  {
    name: 'service-may-do-all',
    file: 'libs/platform/src/auth/guard.ts',
    find: "    if (caller.kind === 'service') refuseClosed(endpoint, request.input.body);\n",
    put: '',
    expects: ['R33'],
  },
  {
    name: 'service-suspends-administrators',
    file: `${identity}/manage-accounts/administrators.ts`,
    find: "if (kind !== 'service' || !(await this.portals.isAdministrator(ref))) return;",
    put: "if (kind !== 'operator' || !(await this.portals.isAdministrator(ref))) return;",
    expects: ['R33'],
  },
  {
    name: 'token-beside-the-session',
    file: `${identity}/sessions/session-issuer.ts`,
    find: 'const session = { ...account, sessionId,',
    put: 'const session = { ...account, accessToken, sessionId,',
    expects: ['R30'],
  },
  {
    name: 'name-beside-its-hash',
    file: `${identity}/registry/claims.ts`,
    find: '      const mine = this.newClaim(accountId);',
    put: '      const mine = { ...this.newClaim(accountId), text };',
    expects: ['R42'],
  },
  {
    name: 'request-id-lost',
    file: 'libs/contracts/src/context.ts',
    find: "typeof given === 'string' && uuid.test(given) ? given : crypto.randomUUID();",
    put: "typeof given === 'string' && uuid.test(given) ? crypto.randomUUID() : crypto.randomUUID();",
    expects: ['R46'],
  },
  {
    name: 'last-administrator-suspended',
    file: `${identity}/manage-accounts/administrators.ts`,
    find: "    await this.portals.execute(portal, withoutCommand(context), { type: 'SuspendAdministrator', accountId });\n    const suspended",
    put: '    const suspended',
    expects: ['R41'],
  },
  {
    name: 'name-asked-before-its-account',
    file: `${identity}/registry/usernames.ts`,
    find: "      const { profile } = await this.accounts.state({ portal, accountId: present.accountId });\n      if (!profile) return present.accountId;\n      // it has this name, or is about to; or else it had it, or was made under another after all. In this order: an account that\n      // is made in between is found as the holder\n      if (this.isFresh(present) || (await this.holder(portal, name, present.accountId))) {\n        throw new Problem('username-taken');\n      }\n",
    put: "      if (await this.holder(portal, name, present.accountId)) throw new Problem('username-taken');\n      const { profile } = await this.accounts.state({ portal, accountId: present.accountId });\n      if (!profile) return present.accountId;\n      if (this.isFresh(present)) throw new Problem('username-taken');\n",
    expects: ['R29'],
  },
  {
    name: 'older-event-over-a-newer',
    file: `${twoFactor}/policy/policy-facts.ts`,
    find: '(present?.[name]?.version ?? 0) >= adopted.version ? undefined',
    put: '(present?.[name]?.version ?? 0) < 0 ? undefined',
    expects: ['R31', 'R02', 'R16', 'R20', 'R41', 'R29'],
  },
  {
    name: 'suspension-leaves-challenges',
    file: attempts,
    find: '      challenge.suspension !== policy.suspension.version ||\n',
    put: '',
    expects: ['R21'],
  },
  {
    name: 'four-authenticators',
    file: `${twoFactor}/second-factor/decide.ts`,
    find: 'authenticators.length >= MOST_TOTP_AUTHENTICATORS',
    put: 'authenticators.length > MOST_TOTP_AUTHENTICATORS',
    expects: ['R45'],
  },
  {
    name: 'command-id-not-looked-up',
    file: `${twoFactor}/commands/commands.messages.ts`,
    find: 'return this.seen.once(command, () => this.#carryOut(command, context), !holdsChallenge);',
    put: 'return holdsChallenge || this.seen ? this.#carryOut(command, context) : undefined;',
    expects: ['R33'],
  },
  {
    name: 'command-of-another-portal',
    file: `${twoFactor}/commands/signed-command.ts`,
    find: "if (command.portal !== sender.portal) throw refusal('portal');",
    put: '',
    expects: ['R33'],
  },
  {
    name: 'stream-goes-on-for-all',
    file: 'apps/audit/src/stream/open-streams.ts',
    find: 'if (!(await this.#mayRead(request, endpoint, portal))) ending.abort();',
    put: 'await this.#mayRead(request, endpoint, portal);',
    expects: ['R28'],
  },
  {
    name: 'stream-goes-on-too-late',
    file: 'apps/audit/src/stream/live-events.ts',
    find: "if (lastEventId) return placeOf(lastEventId, await this.trail.build(), 'Last-Event-ID');",
    put: 'if (lastEventId) return this.reader.end(portal);',
    expects: ['R31'],
  },
  {
    name: 'id-token-again',
    file: `${identity}/login/sso/login-with-sso.ts`,
    find: 'if (!(await this.useUp(id, goodUntil))) throw notGood();',
    put: 'await this.useUp(id, goodUntil);',
    expects: ['R19'],
  },
  {
    name: 'import-without-its-factor',
    file: `${twoFactor}/policy/policy.events.ts`,
    find: 'await this.imports.settle({ portal, accountId: account! }, data.importId ?? null, context);',
    put: 'void this.imports.settle({ portal, accountId: account! }, null, context);',
    expects: ['R36'],
  },
];
