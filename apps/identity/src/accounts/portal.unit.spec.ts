import fc from 'fast-check';
import { specFor } from '#libs/event-store/src/testing/given-when-then.js';
import { noSuchPortal, decidePortal, type PortalCommand } from './decide-portal.js';
import type { PortalEvent } from './events.js';
import { evolvePortal, initialPortal } from './portal.js';

const { given } = specFor({ initial: initialPortal, evolve: evolvePortal }, decidePortal);

const created: PortalEvent = { type: 'PortalCreated', data: { administrator: 'a1' } };
const appointed = (accountId: string): PortalEvent => ({ type: 'AdministratorAppointed', data: { accountId } });
const removed = (accountId: string): PortalEvent => ({ type: 'AdministratorRemoved', data: { accountId } });
const appoint = (accountId: string): PortalCommand => ({ type: 'AppointAdministrator', accountId });
const remove = (accountId: string): PortalCommand => ({ type: 'RemoveAdministrator', accountId });

test('a portal is made once', () => {
  given([]).when({ type: 'Create', administrator: 'a1' }).then([created], { changed: true });
  given([created]).when({ type: 'Create', administrator: 'a2' }).then([], { refused: 'portal-exists' });
});

test.each<PortalCommand>([appoint('a1'), remove('a1'), { type: 'RecordUnknownLogin' }])(
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

test('who is no administrator cannot lose the right', () => {
  given([created]).when(remove('a2')).then([], { changed: false });
});

test('a login with an unknown name is recorded without the name', () => {
  given([created])
    .when({ type: 'RecordUnknownLogin' })
    .then([{ type: 'UnknownLoginFailed', data: {} }]);
});

test('R04 whatever happens a portal keeps an administrator, and nobody is one twice', () => {
  const ids = fc.constantFrom('a1', 'a2', 'a3');
  const commands = fc.array(fc.oneof(ids.map(appoint), ids.map(remove)), { maxLength: 30 });
  fc.assert(
    fc.property(commands, (all) => {
      let state = evolvePortal(initialPortal, created);
      for (const command of all) {
        state = decidePortal(command, state).events.reduce(evolvePortal, state);
        expect(state.administrators.length).toBeGreaterThan(0);
        expect(new Set(state.administrators).size).toBe(state.administrators.length);
      }
    }),
  );
});
