import { faultOfProviderUrl } from './provider-url.js';

const fault = (uri: string) => faultOfProviderUrl(uri, { loopbackAllowed: false });
const inTests = (uri: string) => faultOfProviderUrl(uri, { loopbackAllowed: true });

describe('where the keys of an identity provider may stand', () => {
  it.each(['https://idp.example/jwks', 'https://idp.example:8443/jwks?tenant=1', 'https://[2606:4700::1111]/jwks'])(
    'takes %s',
    (uri) => expect(fault(uri)).toBeNull(),
  );
  it.each(['http://idp.example/jwks', 'ftp://idp.example/jwks', 'file:///etc/passwd', 'data:application/json,{}'])(
    'takes https only, not %s',
    (uri) => expect(fault(uri)).toBe('must begin with https:'),
  );
  it.each(['https://user:pw@idp.example/jwks', 'https://user@idp.example/jwks'])('takes no credentials: %s', (uri) =>
    expect(fault(uri)).toBe('must not contain credentials'),
  );
  it.each([
    'https://127.0.0.1/jwks',
    'https://2130706433/jwks',
    'https://0x7f.1/jwks',
    'https://0.0.0.0/jwks',
    'https://10.1.2.3/jwks',
    'https://172.16.0.1/jwks',
    'https://192.168.1.1/jwks',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/jwks',
    'https://224.0.0.1/jwks',
    'https://255.255.255.255/jwks',
    'https://[::1]/jwks',
    'https://[::]/jwks',
    'https://[fd00::1]/jwks',
    'https://[fe80::1]/jwks',
    'https://[::ffff:127.0.0.1]/jwks',
    'https://[::ffff:192.168.0.1]/jwks',
    'https://[64:ff9b::7f00:1]/jwks',
    'https://[::ffff:8.8.8.8]/jwks',
    'https://[::8.8.8.8]/jwks',
    'https://[4000::1]/jwks',
    'https://localhost/jwks',
    'https://LOCALHOST./jwks',
    'https://idp.localhost/jwks',
    'https://idp/jwks',
    'https://metadata.google.internal/jwks',
    'https://printer.local/jwks',
  ])('takes no private address: %s', (uri) => expect(fault(uri)).toBe('must not be a private address'));
  it('takes no text that is no URL', () => expect(fault('https://')).toBe('is not a URL'));
});

describe('in tests', () => {
  it.each(['http://127.0.0.1:4000/jwks', 'http://localhost:4000/jwks', 'https://[::1]:4000/jwks'])('takes %s', (uri) =>
    expect(inTests(uri)).toBeNull(),
  );
  it.each(['http://idp.example/jwks', 'http://10.0.0.1/jwks', 'https://10.0.0.1/jwks', 'http://u@127.0.0.1/jwks'])(
    'does not take %s',
    (uri) => expect(inTests(uri)).not.toBeNull(),
  );
});
