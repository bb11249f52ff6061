import type { CommandPayload } from '#libs/contracts/src/messages/commands.js';
import type { Act, CallName } from './acts.js';
import type { Cast, Service } from './cast.js';

/** Calls that are commands on the bus too. */
const types: Partial<Record<CallName, CommandPayload['type']>> = {
  unlock: 'two-factor.user.unlock',
  disableTwoFactor: 'two-factor.user.disable',
  suspendAccount: 'two-factor.account.suspend',
  resumeAccount: 'two-factor.account.resume',
  deleteAccount: 'two-factor.account.delete',
  openChallenge: 'two-factor.challenge.open',
  verifyChallenge: 'two-factor.challenge.verify',
};
export const isCommandToo = (name: CallName): boolean => types[name] !== undefined;
/** What is wrong with one in twenty. */
const flaws = ['its id was used', 'old', 'of the future', 'the key of another'] as const;

/** The same attempt over the bus, signed, where it can be made there; undefined: it cannot. */
export function signedAct(cast: Cast, name: CallName, { by, on, call, learn }: Act): Act | undefined {
  const type = types[name];
  if (type === undefined || !on || typeof by !== 'object' || !('commandKey' in by) || !by.commandKey) return undefined;
  const { random } = cast;
  const flaw = random.chance(0.05) ? random.pick(flaws) : undefined;
  const used = flaw === 'its id was used' && by.commandIds.length > 0 ? random.pick(by.commandIds) : undefined;
  const jti = used ?? `command-${by.commandIds.length}-${random.bits()}`;
  if (used === undefined) by.commandIds.push(jti);
  const { challenge, code, backupCode } = (call.body ?? {}) as Record<string, string | undefined>;
  const { portal, id: accountId } = on;
  const late = flaw === 'old' ? -120 : flaw === 'of the future' ? 60 : 0;
  const payload = {
    ...{ type, jti, iat: Math.floor(cast.time / 1_000) + late, portal, accountId },
    ...(challenge !== undefined && { challenge, ...(code === undefined ? { backupCode } : { code }) }),
  };
  const other = flaw === 'the key of another' ? random.pick(cast.people).id : accountId;
  const command = { jws: by.commandKey.sign(by.id, payload), key: `${portal}/${other}`, jti, flaw };
  return {
    ...{ by, on },
    ...(learn && { learn }),
    call: { params: { portal, account: accountId }, body: call.body, command },
  };
}

export type Flaw = (typeof flaws)[number];
export const idOfCommand = ({ id }: Service, jti: string): string => `${id}/${jti}`;
