import { randomUUID } from 'node:crypto';
import { CompactSign, type CryptoKey, importJWK, type JWK } from 'jose';
import type { z } from 'zod';
import type { commands } from '#libs/contracts/src/messages/commands.js';
import type { ProblemDocument } from '#libs/contracts/src/problems.js';
import { ProblemError } from '../problem-error.js';

/** What is needed of a producer and a consumer, of kafkajs as of `@confluentinc/kafka-javascript`. */
export interface KafkaProducer {
  send(record: {
    topic: string;
    messages: { key: string; value: string; headers: Record<string, string> }[];
  }): Promise<unknown>;
}
export interface KafkaReplies {
  run(config: { eachMessage(payload: KafkaReply): Promise<void> }): Promise<void>;
}
export interface KafkaReply {
  readonly message: {
    readonly value: Uint8Array | null;
    readonly headers?: Readonly<Record<string, Uint8Array | string | readonly (Uint8Array | string)[] | undefined>>;
  };
}

export interface CommandsOptions {
  /** Connected. */
  readonly producer: KafkaProducer;
  /** Connected, and subscribed to `replyTo` from the beginning, of a group that no other process has. */
  readonly consumer: KafkaReplies;
  /** A topic that exists: `PREFIX.command-replies.NAME`. */
  readonly replyTo: string;
  /** `KAFKA_PREFIX` of the product: `twinlock` unless told. */
  readonly prefix?: string;
  readonly portal: string;
  /** The id of the service token whose public key the product knows. */
  readonly tokenId: string;
  /** Ed25519. */
  readonly privateKey: JWK | CryptoKey;
  /** How long a reply is awaited: 30 seconds unless told, 55 at most. A command is good for 60. */
  readonly timeoutMs?: number;
  /** After so long without a reply the same command is sent again, which has no second effect. 5 seconds unless told. */
  readonly resendMs?: number;
}

type Contracts = typeof commands;
type ReplyOf<Name extends keyof Contracts> = z.output<Contracts[Name]['reply']>;
/** What is to be said beside the account. */
type MembersOf<Name extends keyof Contracts> = Omit<
  z.input<Contracts[Name]['schema']>,
  'type' | 'jti' | 'iat' | 'portal' | 'accountId'
>;
/** A code of either kind. */
export type Typed = { readonly code: string } | { readonly backupCode: string };

/** Names a command for good: whatever has the same name and content is carried out once. */
export interface CommandName {
  readonly jti: string;
  /** Unix seconds. */
  readonly issuedAt: number;
}
export interface CommandOptions {
  /** Of a command that was sent before, such as a `CommandTimeoutError` has it, within a minute. A new one unless told. */
  readonly again?: CommandName;
  readonly signal?: AbortSignal;
}

/** No reply came in time: whether the command was or will be carried out is not known. Asking `again` finds out. */
export class CommandTimeoutError extends Error implements CommandName {
  override readonly name = 'CommandTimeoutError';
  readonly jti: string;
  readonly issuedAt: number;
  /** @param options the cause: why the last sending failed, if it did */
  constructor(
    readonly type: string,
    { jti, issuedAt }: CommandName,
    options?: ErrorOptions,
  ) {
    super(`no reply to ${type} (${jti})`, options);
    this.jti = jti;
    this.issuedAt = issuedAt;
  }
}

const TIMEOUT_MS = 30_000;
const LONGEST_TIMEOUT_MS = 55_000;
const RESEND_MS = 5_000;
const types = {
  unlockUser: 'two-factor.user.unlock',
  disableUser: 'two-factor.user.disable',
  suspendAccount: 'two-factor.account.suspend',
  resumeAccount: 'two-factor.account.resume',
  deleteAccount: 'two-factor.account.delete',
  openChallenge: 'two-factor.challenge.open',
  verifyChallenge: 'two-factor.challenge.verify',
} as const satisfies { [Name in keyof Contracts]: Contracts[Name]['type'] };

const isJwk = (key: JWK | CryptoKey): key is JWK => 'kty' in key;

type Outcome = { reply: unknown } | { problem: ProblemDocument };

/**
 * Signed commands on the bus. Each resolves with the reply.
 * @throws ProblemError the product refuses @throws CommandTimeoutError
 */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #key: Promise<CryptoKey | Uint8Array>;
  readonly #awaited = new Map<string, (outcome: Outcome) => void>();
  #running: Promise<void> | undefined;

  constructor(options: CommandsOptions) {
    const { timeoutMs = TIMEOUT_MS, resendMs = RESEND_MS } = options;
    if (!(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
      throw new RangeError(`timeoutMs must be at most ${LONGEST_TIMEOUT_MS}: a command is good for 60 seconds`);
    }
    if (!(resendMs >= 100)) throw new RangeError('resendMs must be at least 100');
    this.#options = options;
    const { privateKey } = options;
    this.#key = isJwk(privateKey) ? importJWK(privateKey, 'EdDSA') : Promise.resolve(privateKey);
    // told by the first command
    this.#key.catch(() => undefined);
  }

  /** Scope `commands`. */
  unlock(accountId: string, options?: CommandOptions): Promise<ReplyOf<'unlockUser'>> {
    return this.#send('unlockUser', accountId, {}, options);
  }
  /** Ends all second factors of the account. Scope `commands`. */
  disable(accountId: string, options?: CommandOptions): Promise<ReplyOf<'disableUser'>> {
    return this.#send('disableUser', accountId, {}, options);
  }
  /** Scope `accounts`. */
  suspend(accountId: string, options?: CommandOptions): Promise<ReplyOf<'suspendAccount'>> {
    return this.#send('suspendAccount', accountId, {}, options);
  }
  /** Scope `accounts`. */
  resume(accountId: string, options?: CommandOptions): Promise<ReplyOf<'resumeAccount'>> {
    return this.#send('resumeAccount', accountId, {}, options);
  }
  /** For good. Scope `erasure`. */
  delete(accountId: string, options?: CommandOptions): Promise<ReplyOf<'deleteAccount'>> {
    return this.#send('deleteAccount', accountId, {}, options);
  }
  /** Scope `challenges`. */
  openChallenge(accountId: string, options?: CommandOptions): Promise<ReplyOf<'openChallenge'>> {
    return this.#send('openChallenge', accountId, {}, options);
  }
  /** Scope `challenges`, of the token that opened it. */
  verifyChallenge(
    accountId: string,
    challenge: string,
    typed: Typed,
    options?: CommandOptions,
  ): Promise<ReplyOf<'verifyChallenge'>> {
    return this.#send('verifyChallenge', accountId, { challenge, ...typed }, options);
  }

  async #send<Name extends keyof Contracts>(
    name: Name,
    accountId: string,
    members: MembersOf<Name>,
    { again, signal }: CommandOptions = {},
  ): Promise<ReplyOf<Name>> {
    const { producer, replyTo, prefix = 'twinlock', portal, tokenId } = this.#options;
    const { timeoutMs = TIMEOUT_MS, resendMs = RESEND_MS } = this.#options;
    signal?.throwIfAborted();
    const type = types[name];
    const { jti, issuedAt } = again ?? { jti: randomUUID(), issuedAt: Date.now() / 1_000 };
    const payload = { jti, iat: issuedAt, type, portal, accountId, ...members };
    const signed = await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'EdDSA', kid: tokenId })
      .sign(await this.#key);
    // of this asking: a reply to an earlier one with the same `jti` is another's
    const correlationId = randomUUID();
    const headers = { 'reply-to': replyTo, 'correlation-id': correlationId };
    // the same bytes each time: another time of issue would be other content
    const record = {
      topic: `${prefix}.two-factor.commands`,
      messages: [{ key: `${portal}/${accountId}`, value: signed, headers }],
    };
    await this.#listen();
    const end = Date.now() + timeoutMs;
    let failure: Error | undefined;
    try {
      for (;;) {
        const left = end - Date.now();
        if (left <= 0) throw new CommandTimeoutError(type, { jti, issuedAt }, failure && { cause: failure });
        const replied = this.#reply(correlationId, Math.min(resendMs, left), signal);
        // it goes out late or not at all while the bus is away: the reply is what counts
        producer.send(record).then(
          () => (failure = undefined),
          (error: Error) => (failure = error),
        );
        const outcome = await replied;
        if (outcome === undefined) continue;
        if ('reply' in outcome) return outcome.reply as ReplyOf<Name>;
        const refused = new ProblemError(outcome.problem);
        const wait = Math.max(resendMs, refused.retryAfterMs ?? 0);
        // not recorded as its answer: asked again, the product tries again
        if (refused.status < 500 || Date.now() + wait >= end) throw refused;
        await this.#reply('', wait, signal);
      }
    } finally {
      this.#awaited.delete(correlationId);
    }
  }

  /** Undefined: none came for so long. @throws the reason of the signal */
  #reply(correlationId: string, ms: number, signal: AbortSignal | undefined): Promise<Outcome | undefined> {
    return new Promise((resolve, reject) => {
      const ended = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      const aborted = () => {
        ended();
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        ended();
        resolve(undefined);
      }, ms);
      signal?.addEventListener('abort', aborted, { once: true });
      if (correlationId === '') return;
      this.#awaited.set(correlationId, (outcome) => {
        ended();
        resolve(outcome);
      });
    });
  }

  /** Reads replies from the first command on. */
  #listen(): Promise<void> {
    this.#running ??= this.#options.consumer.run({
      eachMessage: async ({ message: { headers, value } }) => {
        const awaited = this.#awaited.get(textOf(headers?.['correlation-id']));
        const outcome = awaited && outcomeOf(value);
        if (outcome) awaited(outcome);
      },
    });
    return this.#running;
  }
}

const textOf = (value: Uint8Array | string | readonly (Uint8Array | string)[] | undefined): string => {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : textOf(value[0]);
};

/** Undefined: no reply of the product; on the topic of replies others may write. */
function outcomeOf(value: Uint8Array | null): Outcome | undefined {
  try {
    const read = JSON.parse(new TextDecoder().decode(value ?? new Uint8Array())) as Partial<Record<string, unknown>>;
    if (typeof read.reply === 'object' && read.reply !== null) return { reply: read.reply };
    const problem = read.problem as ProblemDocument | undefined;
    return typeof problem?.code === 'string' && typeof problem.status === 'number' ? { problem } : undefined;
  } catch {
    return undefined;
  }
}
