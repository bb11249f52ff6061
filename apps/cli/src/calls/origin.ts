import { usageError } from '../command/exit.js';

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Secrets go there: in plain text they stay on this machine. @throws CommandError */
export function originFrom(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '')
    throw usageError('--url must be like https://portal.example');
  if (url.protocol === 'http:' && !loopback.test(url.hostname))
    throw usageError('--url must be https, since secrets are sent there (http for this machine alone)');
  return url;
}
