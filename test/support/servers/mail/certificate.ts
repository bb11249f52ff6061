import { execFileSync } from 'node:child_process';

/** A certificate of a server on loopback that nobody but itself vouches for, with its key; in PEM. */
export function loopbackCertificate(): { readonly key: string; readonly cert: string } {
  const made = execFileSync(
    'openssl',
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=mail -addext subjectAltName=IP:127.0.0.1 -keyout -'.split(
      ' ',
    ),
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const [key = '', cert = ''] = made.match(/-----BEGIN [^]*?-----END [^\n]*\n/g) ?? [];
  return { key, cert };
}
