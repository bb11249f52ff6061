const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * The origin that browsers use; undefined: nobody knows. What a request says of its host is believed of this very machine
 * alone, since any other name can be made to point here.
 */
export function browserOrigin(publicUrl: string | undefined, host = ''): string | undefined {
  if (publicUrl !== undefined) return publicUrl;
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
  return url && loopback.has(url.hostname) ? url.origin : undefined;
}
