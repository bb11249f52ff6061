import type { LookupAddress } from 'node:dns';
import { isPublic } from '#libs/platform/src/http/public-address.js';
import { checkedLookup } from './checked-lookup.js';

const open: LookupAddress = { address: '93.184.215.14', family: 4 };
const open6: LookupAddress = { address: '2606:4700::1111', family: 6 };
const closed: LookupAddress = { address: '10.0.0.1', family: 4 };
const closed6: LookupAddress = { address: 'fd00::1', family: 6 };

/** What a socket is told that asks for a name with these addresses. */
function lookUp(addresses: LookupAddress[] | NodeJS.ErrnoException, all: boolean) {
  const resolver = (_name: string, options: { all: boolean }, callback: (...answer: unknown[]) => void) => {
    expect(options.all).toBe(true);
    if (addresses instanceof Error) callback(addresses, undefined);
    else callback(null, addresses);
  };
  return new Promise<unknown>((resolve, reject) =>
    checkedLookup(isPublic, resolver as never)('idp.example', { all }, (error, address, family) =>
      error ? reject(error) : resolve(all ? address : { address, family }),
    ),
  );
}

describe('looking up the name of a key set', () => {
  it.each([[[open]], [[open6, open]]])('gives addresses that are all allowed: %j', async (addresses) => {
    await expect(lookUp(addresses, true)).resolves.toEqual(addresses);
    await expect(lookUp(addresses, false)).resolves.toEqual(addresses[0]);
  });

  it.each([[[closed]], [[closed6]], [[open, closed]], [[closed, open]], [[open6, open, closed6]]])(
    'gives none where one of them is not: %j',
    async (addresses) => {
      for (const all of [true, false]) {
        await expect(lookUp(addresses, all)).rejects.toMatchObject({ name: 'AddressRefused' });
      }
    },
  );

  it('gives none where there is none, and says so where the resolver fails', async () => {
    await expect(lookUp([], true)).rejects.toMatchObject({ name: 'AddressRefused' });
    const away = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });
    await expect(lookUp(away, false)).rejects.toBe(away);
  });
});
