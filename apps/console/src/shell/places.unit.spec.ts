import { afterLogin, loginPath } from './places.js';

describe('after a login', () => {
  it('one is back where one was', () => {
    const path = '/p/demo/contributors/a1?x=1';
    const { searchParams } = new URL(loginPath('demo', path), 'http://console.example');
    expect(afterLogin('demo', searchParams.get('next'))).toBe(path);
  });

  it.each([
    null,
    '',
    '/p/other/activity',
    '/p/demo-2/profile',
    'https://evil.example/p/demo/',
    '//evil.example',
    '/p/demo\\..\\x',
  ])('nothing else leads away: %s', (next) => expect(afterLogin('demo', next)).toBe('/p/demo/profile'));
});
