import { readLoginLink } from './login-link.js';

describe('a login link', () => {
  it('has portal and token in its fragment', () => {
    const fragment = new URLSearchParams({ portal: 'demo', token: 'lgn_a-b_c%+' });
    expect(readLoginLink(`#${fragment.toString()}`)).toEqual({ portal: 'demo', token: 'lgn_a-b_c%+' });
  });

  it.each(['', '#', '#portal=demo', '#token=x', '#section'])('is nothing else: %p', (fragment) => {
    expect(readLoginLink(fragment)).toBeUndefined();
  });
});
