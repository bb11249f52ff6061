import { z } from 'zod';
import {
  accountStatus,
  challengeAnswer,
  challengePassed,
  exactlyOneCode,
  exactlyOneCodeMessage,
  keyText,
  oneCode,
  opaqueId,
  portalId,
  type ServiceScope,
} from '../primitives.js';

/** One value for one command from outside: what the payload of its JWS is, who may send it, what the reply is, an example. */
export interface CommandContract<Schema extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType> {
  readonly app: 'two-factor';
  readonly type: string;
  readonly summary: string;
  /** Of the service token that signs. */
  readonly scope: ServiceScope;
  readonly schema: Schema;
  readonly reply: Reply;
  readonly example: z.input<Schema>;
  readonly replyExample: z.input<Reply>;
}

const command = <const Type extends string, Shape extends z.ZodRawShape, Reply extends z.ZodType>(
  type: Type,
  scope: ServiceScope,
  summary: string,
  {
    shape,
    reply,
    example,
    replyExample,
  }: { shape: Shape; reply: Reply; example: object; replyExample: z.input<Reply> },
) => {
  const schema = z.strictObject({ type: z.literal(type), ...common, ...shape });
  const whole = { type, jti: 'c1', iat: 1_795_512_600, portal: 'demo', accountId: 'a1', ...example };
  // the parts are checked by the test of the document: TypeScript cannot put them together for a shape that it does not know
  return {
    app: 'two-factor',
    type,
    scope,
    summary,
    schema,
    reply,
    example: whole as z.input<typeof schema>,
    replyExample,
  } as const;
};

const common = {
  jti: keyText(200).meta({ description: 'Makes the command idempotent.' }),
  iat: z
    .number()
    .meta({ description: 'Unix seconds. The command is valid for 60 seconds, by the clock of the broker.' }),
  portal: portalId,
  accountId: opaqueId,
};

export const commands = {
  unlockUser: command('two-factor.user.unlock', 'commands', 'Unlock an account.', {
    shape: {},
    reply: z.strictObject({ status: z.literal('active') }),
    example: {},
    replyExample: { status: 'active' },
  }),
  disableUser: command('two-factor.user.disable', 'commands', 'Disable the 2FA of an account.', {
    shape: {},
    reply: z.strictObject({ status: z.literal('none') }),
    example: {},
    replyExample: { status: 'none' },
  }),
  suspendAccount: command('two-factor.account.suspend', 'accounts', 'Suspend an account.', {
    shape: {},
    reply: z.strictObject({ status: accountStatus }),
    example: {},
    replyExample: { status: 'suspended' },
  }),
  resumeAccount: command('two-factor.account.resume', 'accounts', 'Resume an account.', {
    shape: {},
    reply: z.strictObject({ status: accountStatus }),
    example: {},
    replyExample: { status: 'active' },
  }),
  deleteAccount: command('two-factor.account.delete', 'erasure', 'Delete an account for good.', {
    shape: {},
    reply: z.strictObject({}),
    example: {},
    replyExample: {},
  }),
  openChallenge: command('two-factor.challenge.open', 'challenges', 'Open a challenge if a code is required.', {
    shape: {},
    reply: challengeAnswer,
    example: {},
    replyExample: { required: true, challenge: '…', expiresAt: '2026-11-24T09:35:00.000Z' },
  }),
  verifyChallenge: command('two-factor.challenge.verify', 'challenges', 'Check the code of a challenge.', {
    shape: { challenge: z.string(), ...oneCode },
    reply: challengePassed,
    example: { challenge: '…', code: '492039' },
    replyExample: { passed: true, accountId: 'a1', method: 'totp' },
  }),
};

/**
 * Why a command is not carried out that its sender has proved: `reason` of the problem `forbidden`. `key`: the message's is
 * not `portal/account`; `challenge`: it is of another account.
 */
export const refusedFor = z.enum(['expired', 'from-the-future', 'scope', 'portal', 'key', 'challenge']);
export type RefusedFor = z.infer<typeof refusedFor>;

/** The payload of a command, whichever it is. */
export const commandPayload = z.discriminatedUnion('type', [
  commands.unlockUser.schema,
  commands.disableUser.schema,
  commands.suspendAccount.schema,
  commands.resumeAccount.schema,
  commands.deleteAccount.schema,
  commands.openChallenge.schema,
  commands.verifyChallenge.schema.refine(exactlyOneCode, exactlyOneCodeMessage),
]);
export type CommandPayload = z.infer<typeof commandPayload>;
