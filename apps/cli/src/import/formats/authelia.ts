import { parse } from 'yaml';
import { z } from 'zod';
import { algorithmOf, type Converted, type Format, nameOf, type TotpLine, UnreadableExport, whole } from './format.js';
import { accountsOf, type Listed } from './owners.js';

/**
 * What `authelia storage user totp export --file FILE` writes since Authelia 4.38. Its `secret` is the Base64 of the Base32 text
 * that the app has. Earlier ones, and `… totp export uri`, print `otpauth://` links.
 */
export const authelia: Format = {
  title: "Authelia's export of TOTP configurations (YAML)",
  looksLike: (head) => /^totp_configurations:/m.test(head),
  convert: async function* (lines): AsyncIterable<Converted> {
    const { data } = exported.safeParse(parsed(await whole(lines)));
    if (data === undefined) throw new UnreadableExport('has no list totp_configurations');
    yield* accountsOf(data.totp_configurations.map(listedOf));
  },
};

const exported = z.object({ totp_configurations: z.array(z.unknown()) });
const configuration = z.object({
  username: z.string().min(1),
  issuer: z.string().optional(),
  algorithm: z.string(),
  digits: z.number(),
  period: z.number(),
  secret: z.base64().min(1),
});

/** @throws UnreadableExport without what stands there, which the parser's own error shows */
function parsed(text: string): unknown {
  try {
    return parse(text, { prettyErrors: false, maxAliasCount: 0, logLevel: 'error' });
  } catch {
    throw new UnreadableExport('is no YAML');
  }
}

function listedOf(entry: unknown, index: number): Listed {
  const where = `entry ${index + 1}`;
  const { data, error } = configuration.safeParse(entry);
  if (data === undefined) return { where, field: error.issues[0]!.path.join('.'), code: 'malformed' };
  const { username, issuer, digits, period } = data;
  const algorithm = algorithmOf(data.algorithm);
  if (algorithm === undefined) return { where, username, field: 'algorithm', code: 'algorithm-unsupported' };
  const secret = Buffer.from(data.secret, 'base64').toString('latin1');
  const totp = { secret, algorithm, digits, period, name: nameOf(issuer) };
  // what digits and periods there may be, the call says
  return { where, username, totp: totp as TotpLine };
}
