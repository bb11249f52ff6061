import type { Client, Context } from '#libs/contracts/src/context.js';
import type { SealedText } from '#libs/contracts/src/events/event.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { actingAccount, monthOf } from '#libs/event-store/src/sealing.js';
import type { PersonalKeys } from './personal-keys.js';

/** Where an act came from, for what is stored beside the log; `id` is bound to it. */
export async function sealClient(
  keys: PersonalKeys,
  { portal, accountId }: AccountRef,
  { at, id, context }: { at: number; id: string; context: Context },
): Promise<SealedText | undefined> {
  if (context.client === undefined) return undefined;
  const key = await keys.sealingKey(portal, actingAccount(context, accountId), monthOf(at));
  return key.seal(JSON.stringify(context.client), id);
}

/** Undefined where there was none, or its key was destroyed. */
export async function openClients(
  keys: PersonalKeys,
  portal: string,
  sealed: readonly { readonly id: string; readonly origin?: SealedText | undefined }[],
): Promise<(Client | undefined)[]> {
  const there = sealed.flatMap(({ id: eventId, origin }) => (origin ? [{ eventId, ...origin }] : []));
  const opened = await keys.open(portal, there);
  return sealed.map(({ origin }) => {
    const text = origin && opened.shift();
    return text ? (JSON.parse(text) as Client) : undefined;
  });
}
