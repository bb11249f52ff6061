import { portalId } from '#libs/contracts/src/primitives.js';
import { usageError } from '../command/exit.js';
import type { Options as Given } from '../command/leaf.js';
import { type FormatName, formatNames } from './formats/names.js';

export interface Options {
  readonly from: FormatName;
  /** Exports, in this order; `-` is standard input. */
  readonly files: readonly string[];
  readonly portal?: string;
  readonly realm?: string;
  readonly owners?: string;
  readonly passwordFile?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** @throws CommandError */
export function optionsOf(files: readonly string[], given: Given): Options {
  const text = (name: string) => given[name] as string | undefined;
  const [from, portal] = [text('from'), text('portal')];
  if (!formatNames.includes(from as FormatName)) throw usageError(`--from must be one of ${formatNames.join(', ')}`);
  if (files.filter((file) => file === '-').length > 1) throw usageError("'-' can be read once only");
  if (portal !== undefined && !portalId.safeParse(portal).success) throw usageError('--portal is no id of a portal');
  return {
    from: from as FormatName,
    files,
    portal,
    realm: text('realm'),
    owners: text('owners'),
    passwordFile: text('passwordFile'),
    dryRun: given.dryRun === true,
    json: given.json === true,
  };
}
