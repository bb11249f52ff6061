/** Which account, of which portal. */
export interface AccountRef {
  readonly portal: string;
  readonly accountId: string;
}

/** What a stream is of: an account, or a portal itself. */
export interface StreamParts {
  readonly portal: string;
  readonly account?: string | undefined;
}

/** `portal/account`, or `portal` alone; on Kafka the key of its messages too. */
export const streamOf = ({ portal, account }: StreamParts): string =>
  account === undefined ? portal : `${portal}/${account}`;

export const streamOfAccount = ({ portal, accountId: account }: AccountRef): string => streamOf({ portal, account });

export function partsOf(stream: string): StreamParts {
  const slash = stream.indexOf('/');
  return slash < 0 ? { portal: stream } : { portal: stream.slice(0, slash), account: stream.slice(slash + 1) };
}
