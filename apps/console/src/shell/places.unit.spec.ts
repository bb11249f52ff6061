import { afterLogin, loginPath } from './places.js';

describe('after a login', () => {
  it('one is back where one was', () => {
    const path = '/p/demo/contributors/a1?x=1';
    const { searchParams } = new URL(loginPath('demo', path), 'http://console.example');
    expect(afterLogin('demo', searchParams.get('next'))).toBe(path);
  });

  it.each(['/authorize/demo/Xy_9', '/authorize/demo/Xy_9?x=1'])(
    'one is back in the login for an application: %s',
    (next) => expect(afterLogin('demo', next)).toBe(next),
  );

  it.each([
    null,
    '/authorize/other/Xy_9',
    '/authorize/demo',
    '//authorize/demo/x',
    '/x/../authorize/demo/x',
    'javascript:alert(1)',
    '/authorize/demo/\\evil.example',
    '',
    '/p/other/activity',
    '/p/demo-2/profile',
    'https://evil.example/p/demo/',
    '//evil.example',
    '/p/demo\\..\\x',
  ])('nothing else leads away: %s', (next) => expect(afterLogin('demo', next)).toBe('/p/demo/profile'));
});
