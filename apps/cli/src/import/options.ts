import { portalId } from '#libs/contracts/src/primitives.js';
import { originFrom } from '../calls/origin.js';
import { usageError } from '../command/exit.js';
import type { Options as Given } from '../command/leaf.js';
import { type FormatName, formatNames } from './formats/names.js';

export interface Options {
  readonly from: FormatName;
  /** Exports, in this order; `-` is standard input. */
  readonly files: readonly string[];
  readonly url: URL;
  readonly portal?: string;
  readonly realm?: string;
  readonly owners?: string;
  readonly passwordFile?: string;
  readonly operatorTokenFile?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** @throws CommandError */
export function optionsOf(files: readonly string[], given: Given, env: NodeJS.ProcessEnv): Options {
  const text = (name: string) => given[name] as string | undefined;
  const { TWINLOCK_URL = '', PORT = '3000' } = env;
  const [from, portal, url] = [
    text('from'),
    text('portal'),
    text('url') ?? (TWINLOCK_URL === '' ? `http://127.0.0.1:${PORT}` : TWINLOCK_URL),
  ];
  if (!formatNames.includes(from as FormatName)) throw usageError(`--from must be one of ${formatNames.join(', ')}`);
  if (files.filter((file) => file === '-').length > 1) throw usageError("'-' can be read once only");
  if (portal !== undefined && !portalId.safeParse(portal).success) throw usageError('--portal is no id of a portal');
  return {
    from: from as FormatName,
    files,
    url: originFrom(url),
    portal,
    realm: text('realm'),
    owners: text('owners'),
    passwordFile: text('passwordFile'),
    operatorTokenFile: text('operatorTokenFile'),
    dryRun: given.dryRun === true,
    json: given.json === true,
  };
}
