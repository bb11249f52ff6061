import { parseArgs } from 'node:util';
import { portalId } from '#libs/contracts/src/primitives.js';
import { type FormatName, formatNames } from './formats/formats.js';

export interface Options {
  readonly from: FormatName;
  /** Exports, in this order; `-` is standard input. */
  readonly files: readonly string[];
  readonly url: URL;
  readonly portal?: string;
  readonly realm?: string;
  readonly owners?: string;
  readonly passwordFile?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** What the caller has to change: the arguments, or a file that is none of this format. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `usage: npm run --silent import -- --from FORMAT [options] FILE …
  --from           ${formatNames.join(' | ')}
  --portal ID      may be left out where there is one portal
  --dry-run        says what would happen, and changes nothing
  --json           a line of JSON for each account
  --url URL        of the product, else http://127.0.0.1:PORT
  --realm NAME     of a Keycloak export that has several
  --owners FILE    whose a key of PSKC is: lines 'owner, serial number'
  --password-file FILE   the password or key of an encrypted export; else IMPORT_PASSWORD, or it is asked for
  FILE             '-' is standard input
The operator's token is that of OPERATOR_TOKEN_FILE, OPERATOR_TOKEN or DATA_DIR, or it is asked for.`;

/** @throws UsageError */
export function optionsOf(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { values, positionals: files } = parsed(args);
  const { from, url = `http://127.0.0.1:${env.PORT ?? '3000'}`, portal, realm, owners } = values;
  if (from === undefined || files.length === 0) throw new UsageError(usage);
  if (!formatNames.includes(from as FormatName))
    throw new UsageError(`--from must be one of ${formatNames.join(', ')}`);
  if (files.filter((file) => file === '-').length > 1) throw new UsageError("'-' can be read once only");
  if (portal !== undefined && !portalId.safeParse(portal).success)
    throw new UsageError('--portal is no id of a portal');
  return {
    from: from as FormatName,
    files,
    url: originOf(url),
    portal,
    realm,
    owners,
    passwordFile: values['password-file'],
    dryRun: values['dry-run'],
    json: values.json,
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        from: text,
        portal: text,
        url: text,
        realm: text,
        owners: text,
        'password-file': text,
        'dry-run': flag,
        json: flag,
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`);
  }
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Secrets go there: in plain text they stay on this machine. */
function originOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '')
    throw new UsageError('--url must be like https://portal.example');
  if (url.protocol === 'http:' && !loopback.test(url.hostname))
    throw new UsageError('--url must be https, since secrets are sent there (http for this machine alone)');
  return url;
}
