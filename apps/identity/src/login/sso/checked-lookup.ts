import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** The address is not one that a portal's administrator may make this server talk to. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/**
 * A `lookup` for sockets that fails when any address of the name is refused. The socket connects to what is checked here, so
 * that a name which resolves differently the next time (DNS rebinding) gains nothing.
 */
export const checkedLookup =
  (allowed: (address: string) => boolean, lookup: typeof systemLookup = systemLookup): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const first = addresses?.[0];
      if (error || !first) return callback(error ?? new AddressRefused('the name has no address'), '');
      if (!addresses.every(({ address }) => allowed(address))) {
        return callback(new AddressRefused('the name has an address that is not allowed'), '');
      }
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
