import { compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import type { z } from 'zod';
import type { ed25519Jwk } from '#libs/contracts/src/http/admin-policy.js';
import { type CommandPayload, commandPayload, commands } from '#libs/contracts/src/messages/commands.js';
import { opaqueId, type ServiceScope } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { streamOfAccount } from '#libs/contracts/src/stream.js';
import { sha256 } from '#libs/event-store/src/canonical.js';
import { CommandRefused, type SignedCommand } from '#libs/messaging/src/commands.js';

export interface Sender {
  readonly portal: string;
  readonly scopes: readonly ServiceScope[];
  readonly publicKey: z.infer<typeof ed25519Jwk> | null;
}

/** What is proved of a command. */
export interface ProvedCommand {
  readonly tokenId: string;
  readonly payload: CommandPayload;
  /** Of the signature, which stands for the whole content and tells nothing of the code in it. */
  readonly digest: string;
}

const DAY_MS = 86_400_000;
/** A command is known for so long once it was seen: longer than the topic keeps it. One that is older is refused. */
export const KEPT_MS = 8 * DAY_MS;
const GOOD_FOR_MS = 60_000;
/** By which a sender's clock may be ahead of the broker's. */
const AHEAD_MS = 5_000;

/** @throws CommandRefused it is not, or not any more, a command of a sender who may send it */
export async function prove(
  { jws, key, at }: SignedCommand,
  now: number,
  senderOf: (tokenId: string) => Promise<Sender | undefined>,
): Promise<ProvedCommand> {
  const tokenId = tokenIdOf(jws);
  const sender = await senderOf(tokenId);
  if (!sender?.publicKey) throw new CommandRefused('no such sender');
  const command = parse(await verified(jws, sender.publicKey));
  const refuse = (reason: string) => new CommandRefused(reason, new Problem('forbidden'));
  if (key !== streamOfAccount(command)) throw refuse('its key is of another account');
  if (command.portal !== sender.portal) throw refuse('another portal');
  const scope = scopes.get(command.type);
  if (scope === undefined || !sender.scopes.includes(scope)) throw refuse('the sender lacks the scope');
  const age = at - command.iat * 1_000;
  const forgotten = now - command.iat * 1_000 > KEPT_MS - DAY_MS;
  if (age > GOOD_FOR_MS || age < -AHEAD_MS || forgotten) throw refuse('expired, or from the future');
  return { tokenId, payload: command, digest: sha256(jws.slice(jws.lastIndexOf('.') + 1)) };
}

function tokenIdOf(jws: string): string {
  try {
    const { alg, kid } = decodeProtectedHeader(jws);
    if (alg === 'EdDSA' && typeof kid === 'string' && opaqueId.safeParse(kid).success) return kid;
  } catch {
    // told below, without what stands in it
  }
  throw new CommandRefused('not signed');
}

async function verified(jws: string, publicKey: NonNullable<Sender['publicKey']>): Promise<Uint8Array> {
  try {
    const key = await importJWK({ ...publicKey }, 'EdDSA');
    return (await compactVerify(jws, key, { algorithms: ['EdDSA'] })).payload;
  } catch {
    throw new CommandRefused('wrong signature');
  }
}

function parse(bytes: Uint8Array): CommandPayload {
  const malformed = new CommandRefused('malformed', new Problem('malformed-request', 'The payload is malformed.'));
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw malformed;
  }
  const read = commandPayload.safeParse(value);
  if (!read.success) throw malformed;
  return read.data;
}

const scopes: ReadonlyMap<string, ServiceScope> = new Map(
  Object.values(commands).map(({ type, scope }) => [type, scope]),
);
