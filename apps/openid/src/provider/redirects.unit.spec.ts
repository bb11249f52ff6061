import { isRedirectAllowed } from './redirects.js';

const redirectUris = [
  'http://127.0.0.1/callback',
  'http://[::1]:5000/',
  'http://localhost:5000/',
  'https://app.example/cb',
];
const allows = (given: string, isPublic: boolean) => isRedirectAllowed({ redirectUris, isPublic }, given);

describe('where a browser may be sent back to', () => {
  it.each(redirectUris)('is what is registered: %s', (uri) => {
    expect([allows(uri, true), allows(uri, false)]).toEqual([true, true]);
  });

  it.each(['http://127.0.0.1:49152/callback', 'http://[::1]:1/', 'http://[::1]/'])(
    'is any port of a loopback address for a public client, and for no other: %s',
    (uri) => {
      expect([allows(uri, true), allows(uri, false)]).toEqual([true, false]);
    },
  );

  it.each([
    'http://localhost:5001/',
    'http://127.0.0.1:5000/',
    'http://127.0.0.1:5000/callback/',
    'http://127.0.0.1:5000/callback?x',
    'http://127.0.0.1:5000/callback#x',
    'http://127.0.0.1:5000/a/../callback',
    'http://127.0.0.1:80/callback',
    'http://127.0.0.1:05000/callback',
    'http://127.1:5000/callback',
    'http://2130706433:5000/callback',
    'http://127.0.0.1.evil.example:5000/callback',
    'http://127.0.0.1:5000@evil.example/callback',
    'http://eve@127.0.0.1:5000/callback',
    'http://127.0.0.2:5000/callback',
    'https://127.0.0.1:5000/callback',
    'https://app.example:8443/cb',
    'HTTP://127.0.0.1:5000/callback',
    ' http://127.0.0.1:5000/callback',
    'http://127.0.0.1:5000\\callback',
    'not a URL',
    '',
  ])('is nothing else: %s', (uri) => {
    expect([allows(uri, true), allows(uri, false)]).toEqual([false, false]);
  });
});
