import { readLinks } from './links.js';

const links = (pathname: string, hash: string) => readLinks({ pathname, hash });

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
