import { readLinks } from './links.js';

const links = (pathname: string, hash: string, search = '') => readLinks({ pathname, search, hash });

describe('a login link', () => {
  it('has portal and token in its fragment', () => {
    const fragment = new URLSearchParams({ portal: 'demo', token: 'lgn_a-b_c%+' });
    const login = { portal: 'demo', token: 'lgn_a-b_c%+' };
    expect(links('/console/login/token', `#${fragment.toString()}`)).toEqual({ login });
  });

  it.each(['', '#', '#portal=demo', '#token=x', '#section'])('is nothing else: %p', (fragment) => {
    expect(links('/console/login/token', fragment)).toBeUndefined();
  });
});

describe('a link by which a password is set', () => {
  it.each(['/console/password', '/console/password/'])('has a token as its fragment, at %s', (path) => {
    expect(links(path, '#pwl_a-b_c')).toEqual({ password: 'pwl_a-b_c' });
  });

  it('is nothing without one, nor on another screen', () => {
    expect(links('/console/password', '')).toBeUndefined();
    expect(links('/console/password', '#')).toBeUndefined();
    expect(links('/console/p/demo/profile', '#main')).toBeUndefined();
  });
});

describe('the address that a provider sends people back to', () => {
  const path = '/console/sso/callback/demo';
  it('has its answer', () => {
    const provider = { code: 'a+b', state: 's', iss: 'https://idp.example' };
    expect(links(path, '', `?${new URLSearchParams(provider).toString()}&session_state=x`)).toEqual({ provider });
    for (const other of [`${path}/`, '/console/sso/callback'])
      expect(links(other, '', '?code=c&state=s')).toEqual({ provider: { code: 'c', state: 's' } });
  });

  it.each(['', '?code=c', '?state=s', '?error=access_denied&error_description=call%20me&state=s', '?code=&state=s'])(
    'has no login in it, and nothing that is repeated: %s',
    (search) => expect(links(path, '', search)).toEqual({ provider: null }),
  );
});
