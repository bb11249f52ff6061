import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { ChallengeSealer } from '#apps/two-factor/src/challenge/sealed-challenge.js';
import { SecondFactors, VAULT } from '#apps/two-factor/src/change/second-factors.js';
import { PolicyFacts } from '#apps/two-factor/src/policy/policy-facts.js';
import { refuseUnread } from '#apps/two-factor/src/second-factor/attempts.js';
import { decide } from '#apps/two-factor/src/second-factor/decide.js';
import { CodeReader } from '#apps/two-factor/src/verify/code-reader.js';
import { VerifyChallenge, VerifyChallengeHandler } from '#apps/two-factor/src/verify/verify-challenge.js';
import { actingAs, systemContext } from '#libs/contracts/src/context.js';
import { CHALLENGE_LASTS_MS } from '#libs/contracts/src/limits.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { newSecret, timeStepAt } from '#libs/totp/src/totp.js';
import type { Vault } from '#libs/vault/src/port.js';

/**
 * All that the benchmarks know of what is inside the apps; everything else goes by ports, HTTP and what a module exports as
 * its entry. What is needed of an event, a policy or a command is taken from the running product, so that a new one, or a new
 * member of one, changes nothing here.
 */
export { type AskedPage, Directory } from '#apps/identity/src/directory/directory.js';
export { secondFactorFold } from '#apps/two-factor/src/change/second-factors.js';
export { ChallengeSealer };

/** Seals challenges for any account, each like one that the product has opened. */
export const sealingLike =
  (sealer: ChallengeSealer, opened: string) =>
  (account: string): string =>
    sealer.seal({ ...open(sealer, opened), id: randomUUID(), account, expiresAt: Date.now() + CHALLENGE_LASTS_MS });

function open(sealer: ChallengeSealer, challenge: string) {
  const opened = sealer.open(challenge);
  if (opened === null) throw new Error('the product does not open its own challenge');
  return opened;
}

/** A wrong code for a challenge, taken apart as the command's handler in the running two-factor takes it. */
export async function stepsOf(app: INestApplicationContext, challenge: string, code: string) {
  const [sealer, facts, vault] = [app.get(ChallengeSealer), app.get(PolicyFacts), app.get<Vault>(VAULT)];
  const opened = open(sealer, challenge);
  const account = { portal: opened.portal, accountId: opened.account };
  const state = await app.get(SecondFactors).state(account);
  if (state.enrolment.status !== 'enabled') throw new Error('an account is not enrolled');
  const key = { portal: account.portal, account: account.accountId, id: state.enrolment.id };
  const policy = await facts.of(account);
  const attempt = { purpose: opened.purpose.kind, challenge: opened };
  const evidence = await app.get(CodeReader).read(account, state, { code }, Date.now());
  const verify = { type: 'Verify', policy, attempt, evidence } as const;
  return {
    open: () => sealer.open(challenge),
    facts: () => facts.of(account),
    secret: () => vault.get(key),
    rules: () => {
      refuseUnread(state, policy, attempt, Date.now());
      return decide(verify, state, Date.now());
    },
  };
}

/** Adds authenticator apps to an account that has one, as its owner's session does. */
export async function addAuthenticators(app: INestApplicationContext, account: AccountRef, more: number) {
  const secondFactors = app.get(SecondFactors);
  const policy = await app.get(PolicyFacts).of(account);
  const { enrolment } = await secondFactors.state(account);
  if (enrolment.status !== 'enabled') throw new Error('an account is not enrolled');
  const proof = { sessionId: 'bench', passwordAt: Date.now(), authenticatorId: enrolment.id };
  const context = actingAs(systemContext(), { kind: 'user', id: account.accountId });
  for (let added = 0; added < more; added++) {
    const [secretId, name] = [randomUUID(), `App ${added}`];
    const add = { type: 'AddTotp', policy, proof, secretId, name } as const;
    await secondFactors.execute(account, context, () => add, { [secretId]: newSecret() });
    const matches = [{ authenticatorId: secretId, timeStep: timeStepAt(Date.now()) }];
    const evidence = { kind: 'totp', matches } as const;
    const confirm = { type: 'Confirm', policy, proof, more: true, name, evidence, setId: randomUUID() } as const;
    await secondFactors.execute(account, context, () => confirm);
  }
  const after = (await secondFactors.state(account)).enrolment;
  if (after.status !== 'enabled' || after.authenticators.length !== more + 1)
    throw new Error('authenticators were not added');
}

/** All of it: the handler, asked as the bus asks it. */
export function handlerOf(app: INestApplicationContext): (challenge: string, code: string) => Promise<unknown> {
  const [handler, sealer] = [app.get(VerifyChallengeHandler), app.get(ChallengeSealer)];
  return (challenge, code) => {
    const { purpose } = open(sealer, challenge);
    const client = { address: '192.0.2.1', userAgent: 'bench' };
    const context = { ...actingAs(systemContext(), { kind: 'service', id: 'bench' }), client };
    return handler.execute(new VerifyChallenge({ challenge, purpose, typed: { code }, context }));
  };
}
