import { join, resolve } from 'node:path';
import { appNames } from '#libs/contracts/src/http/endpoint.js';
import type { Options } from '../command/leaf.js';
import { answer } from '../command/output.js';
import { withFiles } from './data.js';
import { areWhole } from './log-reports.js';

/**
 * Compacted copies of the stores, while the server is stopped: the stores know how far they have read each other's logs, so copies
 * of different moments would not fit. Keys and the operator token are not copied. A log that is not whole is copied as it is:
 * then false.
 */
export async function backup(target: string, options: Options): Promise<boolean> {
  const folder = resolve(target);
  const whole = await withFiles({ readOnly: false }, async (stores) => {
    for (const app of appNames) await stores[app]?.backup(join(folder, app));
    return areWhole(stores);
  });
  answer(
    { folder, whole },
    options,
    () => `Copied to ${folder}. The backup does not include the keys: keep vault-keys somewhere else.`,
  );
  return whole;
}
