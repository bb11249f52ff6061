import { hash } from 'node:crypto';
import { base64url, compactVerify, type CryptoKey, decodeProtectedHeader, importJWK } from 'jose';
import type { z } from 'zod';
import type { ed25519Jwk } from '#libs/contracts/src/http/admin-policy.js';
import {
  type CommandPayload,
  commandPayload,
  commands,
  type RefusedFor,
} from '#libs/contracts/src/messages/commands.js';
import { opaqueId, type ServiceScope } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { streamOfAccount } from '#libs/contracts/src/stream.js';
import { CommandRefused, type SignedCommand } from '#libs/messaging/src/commands.js';
import { fieldErrors, malformed } from '#libs/platform/src/auth/validation.js';
import { faultOfEd25519Key } from '#libs/secrets/src/signing-keys.js';

export interface Sender {
  readonly portal: string;
  readonly scopes: readonly ServiceScope[];
  /** Null: it has none that proves anything. */
  readonly key: CryptoKey | null;
}

/** What is proved of a command. */
export interface ProvedCommand {
  readonly tokenId: string;
  readonly payload: CommandPayload;
  /**
   * Of the header and the payload as they were signed, decoded; a signature can be written in several ways. It tells nothing
   * of a code: the challenge beside it is known to the sender alone.
   */
  readonly digest: string;
}

const DAY_MS = 86_400_000;
/** A command is known for so long once it was seen: longer than the topic keeps it. One that is older is refused. */
export const KEPT_MS = 8 * DAY_MS;
const GOOD_FOR_MS = 60_000;
/** By which a sender's clock may be ahead of the broker's. */
const AHEAD_MS = 5_000;
/** Two names of one algorithm (RFC 8037 §3.1, RFC 9864 §2.2). */
const algorithms = ['EdDSA', 'Ed25519'];

/** Null: a key that proves nothing, such as one of small order that was taken in earlier. Takes a millisecond. */
export async function verificationKey(publicKey: z.infer<typeof ed25519Jwk> | null): Promise<CryptoKey | null> {
  if (publicKey === null || faultOfEd25519Key(publicKey.x) !== null) return null;
  const { kty, crv, x } = publicKey;
  return importJWK({ kty, crv, x }, 'EdDSA');
}

/** @throws CommandRefused it is not, or not any more, a command of a sender who may send it */
export async function prove(
  { jws, key, at }: SignedCommand,
  now: number,
  senderOf: (tokenId: string) => Promise<Sender | undefined>,
): Promise<ProvedCommand> {
  const tokenId = tokenIdOf(jws);
  const sender = await senderOf(tokenId);
  if (!sender) throw new CommandRefused('no such sender');
  if (!sender.key) throw new CommandRefused('the key of the sender is weak');
  const command = parse(await verified(jws, sender.key));
  if (key !== streamOfAccount(command)) throw refusal('key');
  if (command.portal !== sender.portal) throw refusal('portal');
  const scope = scopes.get(command.type);
  if (scope === undefined || !sender.scopes.includes(scope)) throw refusal('scope');
  if (at === null) throw timeless();
  const sent = command.iat * 1_000;
  if (at - sent > GOOD_FOR_MS || now - sent > KEPT_MS - DAY_MS) throw refusal('expired');
  if (sent - at > AHEAD_MS) throw refusal('from-the-future');
  return { tokenId, payload: command, digest: digestOf(jws) };
}

const details: Record<RefusedFor, string> = {
  key: 'The key of the message is not the `portal/account` of the command.',
  portal: 'The sender belongs to another portal.',
  scope: 'The sender does not have the required scope.',
  expired: 'The command is older than 60 seconds.',
  'from-the-future': "The sender's clock is ahead.",
  challenge: 'The challenge belongs to another account.',
};

/** Why a proved command is not carried out. */
export const refusal = (reason: RefusedFor): CommandRefused =>
  new CommandRefused(reason, Problem.answer('forbidden', details[reason], { reason }));

const timeless = () =>
  new CommandRefused(
    "the topic keeps the senders' times, not LogAppendTime",
    new Problem('unavailable', 'The age of commands cannot be determined here.', { retryAfter: 60 }),
  );

function tokenIdOf(jws: string): string {
  try {
    const { alg, kid } = decodeProtectedHeader(jws);
    if (algorithms.includes(alg ?? '') && typeof kid === 'string' && opaqueId.safeParse(kid).success) return kid;
  } catch {
    // told below, without what stands in it
  }
  throw new CommandRefused('not signed');
}

async function verified(jws: string, key: CryptoKey): Promise<Uint8Array> {
  try {
    return (await compactVerify(jws, key, { algorithms })).payload;
  } catch {
    throw new CommandRefused('wrong signature');
  }
}

function parse(bytes: Uint8Array): CommandPayload {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new CommandRefused('malformed', malformed([{ field: '', message: 'is not JSON' }]));
  }
  const read = commandPayload.safeParse(value);
  if (!read.success) throw new CommandRefused('malformed', malformed(read.error.issues.flatMap(fieldErrors)));
  return read.data;
}

/** Of texts that are JSON, and so have one place where the first ends. */
function digestOf(jws: string): string {
  const [header = '', payload = ''] = jws.split('.');
  return hash('sha256', Buffer.concat([base64url.decode(header), Buffer.from('.'), base64url.decode(payload)]), 'hex');
}

const scopes: ReadonlyMap<string, ServiceScope> = new Map(
  Object.values(commands).map(({ type, scope }) => [type, scope]),
);
