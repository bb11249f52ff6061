import { browserOrigin } from './browser-origin.js';

describe('the origin that browsers use', () => {
  it('is PUBLIC_URL, whatever a request says', () =>
    expect(browserOrigin('https://portal.example', '127.0.0.1:3000')).toBe('https://portal.example'));

  it.each([
    ['127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['localhost', 'http://localhost'],
    ['LOCALHOST:80', 'http://localhost'],
    ['[::1]:3000', 'http://[::1]:3000'],
  ])('is told by a request to this very machine: %s', (host, origin) =>
    expect(browserOrigin(undefined, host)).toBe(origin),
  );

  it.each([undefined, '', 'portal.example', 'localhost.evil.example', '127.0.0.1@evil.example', '[::2]', '%', 'a b'])(
    'is not believed of another name: %s',
    (host) => expect(browserOrigin(undefined, host)).toBeUndefined(),
  );
});
