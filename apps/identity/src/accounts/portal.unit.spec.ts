import fc from 'fast-check';
import { specFor } from '#libs/event-store/src/testing/given-when-then.js';
import { noSuchPortal, decidePortal, type PortalCommand } from './decide-portal.js';
import type { PortalEvent } from '#libs/contracts/src/events/identity.js';
import { evolvePortal, initialPortal } from './portal.js';

const { given } = specFor({ initial: initialPortal, evolve: evolvePortal }, decidePortal);

const created: PortalEvent = { type: 'PortalCreated', data: { administrator: 'a1' } };
const appointed = (accountId: string): PortalEvent => ({ type: 'AdministratorAppointed', data: { accountId } });
const removed = (accountId: string): PortalEvent => ({ type: 'AdministratorRemoved', data: { accountId } });
const appoint = (accountId: string): PortalCommand => ({ type: 'AppointAdministrator', accountId });
const suspended = (accountId: string): PortalEvent => ({ type: 'AdministratorSuspended', data: { accountId } });
const resumed = (accountId: string): PortalEvent => ({ type: 'AdministratorResumed', data: { accountId } });
const suspend = (accountId: string): PortalCommand => ({ type: 'SuspendAdministrator', accountId });
const resume = (accountId: string): PortalCommand => ({ type: 'ResumeAdministrator', accountId });
const remove = (accountId: string): PortalCommand => ({ type: 'RemoveAdministrator', accountId });

test('a portal is made once', () => {
  given([]).when({ type: 'Create', administrator: 'a1' }).then([created], { changed: true });
  given([created]).when({ type: 'Create', administrator: 'a2' }).then([], { refused: 'portal-exists' });
});

test.each<PortalCommand>([appoint('a1'), remove('a1'), suspend('a1'), resume('a1'), { type: 'RecordUnknownLogin' }])(
  'nothing is recorded of a portal that does not exist: $type',
  (command) => {
    given([]).when(command).then([], noSuchPortal);
  },
);

test('R04 an administrator is appointed once', () => {
  given([created])
    .when(appoint('a2'))
    .then([appointed('a2')], { changed: true });
  given([created, appointed('a2')])
    .when(appoint('a2'))
    .then([], { changed: false });
});

test('R04 the last administrator stays one', () => {
  given([created]).when(remove('a1')).then([], { refused: 'last-administrator' });
  given([created, appointed('a2')])
    .when(remove('a1'))
    .then([removed('a1')], { changed: true });
  given([created, appointed('a2'), removed('a1')])
    .when(remove('a2'))
    .then([], { refused: 'last-administrator' });
});

test('R41 the last administrator who can log in is neither suspended nor removed', () => {
  const both = [created, appointed('a2')];
  given([created]).when(suspend('a1')).then([], { refused: 'last-administrator' });
  given(both)
    .when(suspend('a1'))
    .then([suspended('a1')], { changed: true });
  given([...both, suspended('a1')])
    .when(suspend('a2'))
    .then([], { refused: 'last-administrator' });
  given([...both, suspended('a1')])
    .when(remove('a2'))
    .then([], { refused: 'last-administrator' });
  given([...both, suspended('a1')])
    .when(remove('a1'))
    .then([removed('a1')], { changed: true });
  given([...both, suspended('a1'), resumed('a1')])
    .when(suspend('a2'))
    .then([suspended('a2')], { changed: true });
});

test('R41 suspending and resuming are recorded once, and of administrators alone', () => {
  const both = [created, appointed('a2')];
  given([...both, suspended('a2')])
    .when(suspend('a2'))
    .then([], { changed: false });
  given(both).when(resume('a2')).then([], { changed: false });
  given([...both, suspended('a2')])
    .when(resume('a2'))
    .then([resumed('a2')], { changed: true });
  given(both).when(suspend('a3')).then([], { changed: false });
  given([...both, suspended('a2'), removed('a2')])
    .when(resume('a2'))
    .then([], { changed: false });
});

test('R41 one who is suspended already is appointed as such, and removed and appointed again as what they are then', () => {
  given([created])
    .when({ type: 'AppointAdministrator', accountId: 'a2', suspended: true })
    .then([appointed('a2'), suspended('a2')], { changed: true });
  given([created, appointed('a2'), suspended('a2'), removed('a2'), appointed('a2')])
    .when(suspend('a1'))
    .then([suspended('a1')], { changed: true });
});

test('who is no administrator cannot lose the right', () => {
  given([created]).when(remove('a2')).then([], { changed: false });
});

test('a login with an unknown name is recorded without the name', () => {
  given([created])
    .when({ type: 'RecordUnknownLogin' })
    .then([{ type: 'UnknownLoginFailed', data: {} }]);
});

test('R04 R41 whatever happens a portal keeps an administrator who can log in, and nobody is one twice', () => {
  const ids = fc.constantFrom('a1', 'a2', 'a3');
  const commands = fc.array(fc.oneof(...[appoint, remove, suspend, resume].map((make) => ids.map(make))), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(commands, (all) => {
      let state = evolvePortal(initialPortal, created);
      for (const command of all) {
        state = decidePortal(command, state).events.reduce(evolvePortal, state);
        expect(state.administrators.some((id) => !state.suspended.includes(id))).toBe(true);
        expect(state.suspended.every((id) => state.administrators.includes(id))).toBe(true);
        expect(new Set(state.suspended).size).toBe(state.suspended.length);
        expect(new Set(state.administrators).size).toBe(state.administrators.length);
      }
    }),
  );
});
