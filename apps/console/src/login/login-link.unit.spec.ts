import { loginLinkOf, readLoginLink } from './login-link.js';

describe('a login link', () => {
  it('is read as it was made, and has its token in the fragment alone', () => {
    const link = { portal: 'demo', token: 'lgn_a-b_c%+' };
    const url = new URL(loginLinkOf('https://console.example', link));
    expect(readLoginLink(url.hash)).toEqual(link);
    expect(url.pathname + url.search).toBe('/console/login/token');
  });

  it.each(['', '#', '#portal=demo', '#token=x', '#section'])('is nothing else: %p', (fragment) => {
    expect(readLoginLink(fragment)).toBeUndefined();
  });
});
