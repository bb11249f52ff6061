import { base32nopad } from '@scure/base';
import { z } from 'zod';
import {
  type AccountLine,
  algorithmOf,
  type Converted,
  type Format,
  type Given,
  nameOf,
  type Refusal,
  type TotpLine,
  UnreadableExport,
  whole,
} from '../format.js';
import { passwordHashOf } from './password.js';

/**
 * What Keycloak's `kc.sh export` writes: a realm, several (`--realm` says which one to take), or with `--dir` the users of one
 * (`<realm>-users-<n>.json`). A user keeps its id there as `externalId`.
 */
export const keycloak: Format = {
  title: "Keycloak's export of a realm or of its users (JSON)",
  looksLike: (head) => /^[[{]/.test(head) && /"(realm|users)"\s*:/.test(head),
  convert: async function* (lines, { realm }): AsyncIterable<Converted> {
    const users = usersOf(await whole(lines), realm);
    for (const [index, user] of users.entries()) yield convertedOf(user, `user ${index + 1}`);
  },
};

const exportedRealm = z.object({ realm: z.string(), users: z.array(z.unknown()).default([]) });

function usersOf(text: string, wanted: Given['realm']): unknown[] {
  const { data } = z.union([z.array(exportedRealm), exportedRealm.transform((one) => [one])]).safeParse(parsed(text));
  if (data === undefined) throw new UnreadableExport('is no export of a realm, nor of its users');
  // of several, people are seldom meant by the one of Keycloak's own administrators
  const realms = data.length > 1 ? data.filter(({ realm, users }) => realm !== 'master' && users.length > 0) : data;
  const chosen = wanted === undefined ? realms : data.filter(({ realm }) => realm === wanted);
  const names = data.map(({ realm }) => realm).join(', ');
  if (chosen.length !== 1) throw new UnreadableExport(`has the realms ${names}: say which one with --realm`);
  const { realm, users } = chosen[0]!;
  if (users.length === 0)
    throw new UnreadableExport(
      `has no users of the realm ${realm}; kc.sh export --dir writes them to ${realm}-users-0.json`,
    );
  return users;
}

/** @throws UnreadableExport without what stands there, which the parser's own error shows */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableExport('is no JSON, or cut off');
  }
}

/** Null and an empty text are none. */
const optional = z
  .string()
  .nullish()
  .transform((text) => (text === null || text === '' ? undefined : text));
const credential = z.object({ type: z.string(), userLabel: optional, secretData: optional, credentialData: optional });
const user = z.object({
  id: optional,
  username: z.string().min(1),
  email: optional,
  firstName: optional,
  lastName: optional,
  enabled: z.boolean().default(true),
  serviceAccountClientId: optional,
  credentials: z.array(credential).nullish(),
});
type Credential = z.infer<typeof credential>;

function convertedOf(entry: unknown, where: string): Converted {
  const { data, error } = user.safeParse(entry);
  if (data === undefined) return { where, field: error.issues[0]!.path.join('.'), code: 'malformed' };
  const { username } = data;
  if (data.serviceAccountClientId) return { where, username, code: 'service-account' };
  if (!data.enabled) return { where, username, code: 'account-disabled' };
  const { totp = [], passwordHash, leftOut, refusal } = credentialsOf(data.credentials ?? []);
  if (refusal) return { where, username, ...refusal };
  const account: AccountLine = {
    username,
    externalId: data.id,
    displayName: [data.firstName, data.lastName].filter(Boolean).join(' ') || undefined,
    email: data.email,
    passwordHash,
    totp: totp.length > 0 ? totp : undefined,
  };
  return { where, username, line: JSON.stringify(account), ...(leftOut.length > 0 && { leftOut }) };
}

interface Credentials {
  passwordHash?: string;
  totp?: TotpLine[];
  leftOut: string[];
  refusal?: Refusal;
}

/** A passkey and recovery codes cannot be moved. Whoever has an app besides makes new ones; without one, nothing would be left. */
function credentialsOf(all: readonly Credential[]): Credentials {
  const read: Credentials & { totp: TotpLine[] } = { totp: [], leftOut: [] };
  const others: { type: string; field: string }[] = [];
  for (const [index, one] of all.entries()) {
    const place = `credentials.${index}`;
    const refusedIn = ({ field, code }: Refusal): Credentials => ({
      ...read,
      refusal: { field: field === undefined ? place : `${place}.${field}`, code },
    });
    if (one.type === 'password') {
      const hash = passwordHashOf(inside(one.secretData), inside(one.credentialData));
      if (typeof hash !== 'string') return refusedIn(hash);
      read.passwordHash = hash;
    } else if (one.type === 'otp') {
      const totp = totpOf(one);
      if ('code' in totp) return refusedIn(totp);
      read.totp.push(totp);
    } else if (one.type !== 'password-history') others.push({ type: one.type, field: place });
  }
  if (others.length > 0 && read.totp.length === 0)
    return { ...read, refusal: { field: others[0]!.field, code: 'credential-unsupported' } };
  return { ...read, leftOut: others.map(({ type }) => type) };
}

const otpSecret = z.object({ value: z.string().min(1) });
const otpData = z.object({
  subType: z.string().default('totp'),
  digits: z.number().default(6),
  period: z.number().default(30),
  algorithm: z.string().default('HmacSHA1'),
  /** Without it, the text itself is the secret (`OTPCredentialModel.getDecodedSecret`). */
  secretEncoding: optional,
});

function totpOf({ userLabel, secretData, credentialData }: Credential): TotpLine | Refusal {
  const { data: secret } = otpSecret.safeParse(inside(secretData));
  if (secret === undefined) return { field: 'secretData', code: 'malformed' };
  const { data } = otpData.safeParse(inside(credentialData));
  if (data === undefined) return { field: 'credentialData', code: 'malformed' };
  if (data.subType === 'hotp') return { code: 'hotp-unsupported' };
  const algorithm = algorithmOf(data.algorithm);
  if (algorithm === undefined) return { field: 'credentialData.algorithm', code: 'algorithm-unsupported' };
  const base32 = data.secretEncoding?.toUpperCase() === 'BASE32';
  if (data.subType !== 'totp' || (data.secretEncoding && !base32))
    return { field: 'credentialData', code: 'malformed' };
  return {
    secret: base32 ? secret.value : base32nopad.encode(Buffer.from(secret.value, 'utf8')),
    algorithm,
    // what digits and periods there may be, the call says
    digits: data.digits as 6,
    period: data.period as 30,
    name: nameOf(userLabel),
  };
}

/** JSON within a text of JSON. */
function inside(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
