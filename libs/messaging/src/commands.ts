import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { type Problem } from '#libs/contracts/src/problems.js';

/**
 * `@MessagePattern(commandsPattern('two-factor'))` takes the app's signed commands from outside, where the bus has such an
 * entrance: a `SignedCommand` in, the answer of the same call over HTTP out.
 */
export const commandsPattern = (app: AppName): string => `${app}.commands`;

/** As it came; nothing of it is proved. */
export interface SignedCommand {
  /** Compact JWS. */
  readonly jws: string;
  /** `portal/account`; empty where it has none. */
  readonly key: string;
  /** When the broker had it, by the broker's clock, in milliseconds since 1970; null: its topic keeps the senders' times. */
  readonly at: number | null;
}

/** Not to be carried out, whoever sent it: becomes a dead letter with this reason, which says nothing of the content. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
  constructor(
    readonly reason: string,
    /** What the sender is told; undefined: the sender is not proved and is told nothing. */
    readonly problem?: Problem,
  ) {
    super(reason);
  }
}
