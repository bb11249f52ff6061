import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { isGood } from './ledger.js';
import { byLedger, type Predicate } from './predicate.js';

/**
 * Where nothing of a deleted account may be. A login that an outage has cut off may leave a session that nobody has a token of,
 * until it expires: whether sessions are good is asked elsewhere.
 */
const emptied = {
  identity: ['personal-keys', 'passwords', 'password-changes', 'remembered-browsers', 'second-factors', 'directory'],
  'two-factor': ['personal-keys', 'vault'],
  'admin-policy': ['personal-keys'],
} as const;
const SWEPT_AFTER_MS = 5 * 60_000;
const names = ['usernames', 'external-ids', 'sso-subjects'];

export const deletedForGood: Predicate = {
  rule: 'R42',
  says: 'of a deleted account nothing goes on, nothing is answered, and no key, credential or name is left',
  begin: byLedger((complain, ledger, world) => {
    /** By `portal/id`, from where in the history on it was answered. */
    const deletedFrom = new Map<string, number>();
    return {
      seen: (observed) => {
        if (observed.kind === 'event' && observed.event.account !== undefined) {
          const { portal, account } = observed.event;
          const { deleted, secondFactor } = ledger.account(portal, account);
          const told = `${observed.name} of ${portal}/${account} after its end`;
          if (observed.app === 'identity' && deleted && observed.name !== 'AccountDeleted') complain(told);
          if (observed.app === 'two-factor' && secondFactor.since(ledger.place - 1)[0]!.erased) complain(told);
        }
        if (observed.kind !== 'answered' || !isGood(observed)) return;
        const { name, on, call, requestId } = observed;
        const account = call.params?.account ?? (call.body as { accountId?: string } | undefined)?.accountId;
        // an external id may be another's by now; of what has ended nothing is said when it is ended again
        if (!on || account !== on.id || name === 'endHandOver') return;
        const key = `${on.portal}/${on.id}`;
        const { place } = ledger.requests.get(requestId)!;
        if (name === 'deleteAccount') deletedFrom.set(key, deletedFrom.get(key) ?? ledger.place);
        else if ((deletedFrom.get(key) ?? Infinity) < place)
          complain(`${name} of ${key} was answered as if it was there`);
      },
      atRest: () => {
        // what an outage has left of a change before the deletion is noted, and destroyed within the hour
        const noted = new Set(
          world
            .database('two-factor')
            .stored('vault-touched')
            .map((note) => note.key.join('/')),
        );
        // what was cut off after the deletion is, with the next sweeps
        const underWay = new Set(
          world
            .database('identity')
            .stored<number>('claims-under-way')
            .filter(({ value: notedAt }) => world.scheduler.now - notedAt < SWEPT_AFTER_MS)
            .map(({ key: [, portal, account, hash] }) => [account, portal, hash].join('/')),
        );
        for (const key of deletedFrom.keys()) {
          const isIts = (record: readonly unknown[]) => record.slice(0, 2).join('/') === key;
          for (const [app, collections] of Object.entries(emptied) as [AppName, readonly string[]][]) {
            for (const collection of collections) {
              const left = world
                .database(app)
                .stored(collection)
                .find((record) => isIts(record.key) && !(app === 'two-factor' && noted.has(record.key.join('/'))));
              if (left) complain(`${collection} of ${app} still has ${left.key.join('/')}`);
            }
          }
          const [, id] = key.split('/');
          for (const collection of names) {
            const claimed = world.database('identity').stored<{ accountId: string }>(collection);
            const left = claimed.filter(({ value }) => value.accountId === id);
            if (left.some((claim) => !underWay.has([id, ...claim.key].join('/'))))
              complain(`${collection} still names ${key}`);
          }
        }
      },
    };
  }),
};
