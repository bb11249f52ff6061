import type { Answered, Happened } from '../world/history.js';
import type { Told } from '../world/reading.js';
import { isGood } from './ledger.js';
import { byLedger, type Predicate } from './predicate.js';

/** Who may read no more is asked for twice a second; where no answer comes, for as long as one is waited for. */
const NOTICED_MS = 10_000;

const isStream = (observed: Answered) => observed.name === 'streamEvents' && isGood(observed);
const toldBy = ({ answer }: Answered) => (answer.body as { told: readonly Told[] }).told;

export const streamsTellTheLog: Predicate = {
  rule: 'R31',
  says: 'a stream tells the events of its portal, each once, in order and without a gap, also where it goes on',
  begin: (complain) => {
    const recorded = new Map<string, Happened>();
    /** How far the streams of the log were told, by the cursor that was reached. */
    const reached = new Map<string, ReadonlyMap<string, number>>();
    const check = (observed: Answered) => {
      const versions = new Map(reached.get(observed.call.lastEventId ?? ''));
      const told = toldBy(observed);
      for (const { id } of told) {
        const happened = recorded.get(id);
        if (!happened) return complain(`${id}, which nothing has recorded`);
        const { portal, account = '', streamVersion } = happened.event;
        if (portal !== observed.call.params!.portal) complain(`${happened.name} of ${portal}`);
        const stream = `${happened.app} ${portal}/${account}`;
        const before = versions.get(stream);
        if (before !== undefined && streamVersion !== before + 1)
          complain(`${stream}: ${happened.name} ${streamVersion} after ${before}`);
        versions.set(stream, streamVersion);
      }
      const last = told.at(-1);
      if (last) reached.set(last.cursor, versions);
    };
    return {
      seen: (observed) => {
        if (observed.kind === 'event') recorded.set(observed.event.id, observed);
        if (observed.kind === 'answered' && isStream(observed)) check(observed);
      },
    };
  },
};

export const streamsEnd: Predicate = {
  rule: 'R28',
  says: 'a stream ends for whoever may read no more',
  begin: byLedger((complain, ledger) => {
    /** By the id of a service or an account. */
    const barred = new Map<string, { readonly at: number; readonly place: number }[]>();
    return {
      seen: (observed) => {
        if (observed.kind !== 'answered' || !isGood(observed)) return;
        const { name, call, on, at, by, requestId } = observed;
        const ends = ['suspendAccount', 'deleteAccount'].includes(name) && call.params?.account === on!.id;
        const who = name === 'revokeServiceToken' ? call.params!.token! : ends ? on!.id : undefined;
        if (who !== undefined) barred.set(who, [...(barred.get(who) ?? []), { at, place: ledger.place }]);
        if (!isStream(observed) || typeof by !== 'object') return;
        const { place } = ledger.requests.get(requestId)!;
        const end = barred.get(by.id)?.find((one) => one.place > place);
        const late = end && toldBy(observed).find((told) => told.at > end.at + NOTICED_MS);
        if (late) complain(`${by.id} was told ${late.id} ${Math.round(late.at - end.at)} ms after the end`);
      },
    };
  }),
};
