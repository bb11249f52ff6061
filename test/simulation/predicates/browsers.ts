import { MOST_BROWSERS } from '#libs/contracts/src/limits.js';
import type { Answered, Happened } from '../world/history.js';
import { type Browser, BrowserHistory, isByBrowser } from './browser-history.js';
import { isGood, type Ledger } from './ledger.js';
import { byLedger, type Complain, type Predicate, type Watching } from './predicate.js';

/** A predicate that looks at an observation with what is known of browsers by then. */
const byBrowsers = (begin: (complain: Complain, browsers: BrowserHistory, ledger: Ledger) => Watching) =>
  byLedger((complain, ledger) => {
    const browsers = new BrowserHistory(ledger);
    const { seen, atRest } = begin(complain, browsers, ledger);
    return {
      seen: (observed) => {
        browsers.see(observed);
        seen?.(observed);
      },
      ...(atRest && { atRest }),
    };
  });
const accountOf = ({ event: { portal, account } }: Happened) => `${portal}/${account}`;
const dataOf = ({ event }: Happened) => event.data as { browserId: string; reason?: string };

export const onlyByItsToken: Predicate = {
  rule: 'R39',
  says: 'no code is asked for where a token comes that the account was given for a browser, and that browser is remembered',
  begin: byBrowsers((complain, browsers, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'event' || !isByBrowser(observed)) return;
      const account = accountOf(observed);
      const { browserId } = dataOf(observed);
      const request = ledger.requestOf(observed.event);
      if (!request) return;
      const of = browsers.tokenOf(request)?.browser;
      if (of?.id !== browserId || of.account !== account)
        return complain(`${account} logged in by a token of ${of ? `${of.account}, ${of.id}` : 'nobody'}`);
      if (of.gone !== undefined) complain(`${account} logged in by ${browserId}, which was forgotten`);
      const ending = browsers.endingBefore(of, request.place);
      if (ending !== undefined) complain(`${account} logged in by ${browserId}, after ${ending}`);
      if (browsers.isTooOld(of, request)) complain(`${account} logged in by ${browserId}, after its days`);
    },
  })),
};

export const tokensAreReplaced: Predicate = {
  rule: 'R39',
  says: 'a token that was replaced more than a minute ago logs nobody in',
  begin: byBrowsers((complain, browsers, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'event' || !isByBrowser(observed)) return;
      const request = ledger.requestOf(observed.event);
      const token = request && browsers.tokenOf(request);
      if (token && browsers.isReplaced(token, request)) complain(`${accountOf(observed)} logged in by one`);
    },
  })),
};

export const copiesForget: Predicate = {
  rule: 'R39',
  says: 'a token that was replaced more than a minute ago and comes with the right password forgets its browser',
  begin: byBrowsers((complain, browsers, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'answered' || observed.name !== 'login' || !isGood(observed)) return;
      const token = browsers.tokenOf(observed);
      if (!token || !isOpenTo(browsers, observed, token.browser)) return;
      if (browsers.isReplaced(token, ledger.requests.get(observed.requestId)!))
        complain(`${token.browser.account} was answered, and ${token.browser.id} is remembered`);
    },
  })),
};

/** Whether the right password was entered for its account, and it is remembered still. */
const isOpenTo = (browsers: BrowserHistory, answered: Answered, browser: Browser) =>
  browser.gone === undefined &&
  browsers.isSurelyOf(answered, browser.account) &&
  !browsers.mayBeTooOld(browser, answered.at);

export const nothingElseEndsThem: Predicate = {
  rule: 'R39',
  says: 'whose browser is remembered is asked for no code there, as long as nothing ends it',
  begin: byBrowsers((complain, browsers, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'answered' || observed.name !== 'login' || !isGood(observed)) return;
      const token = browsers.tokenOf(observed);
      const { status } = observed.answer.body as { status: string };
      if (status !== 'code-required' || !token || !isOpenTo(browsers, observed, token.browser)) return;
      const ending = browsers.endingBefore(token.browser, ledger.place);
      if (ending === undefined && !browsers.mayBeReplaced(token, observed.at))
        complain(`${token.browser.account} was asked for one with a token of ${token.browser.id}`);
    },
  })),
};

const forgetting = ['forgetBrowser', 'forgetBrowsers', 'forgetMyBrowser', 'forgetMyBrowsers'];

export const forgottenForAReason: Predicate = {
  rule: 'R39',
  says: 'a browser is forgotten once, for the reason that is told',
  begin: byBrowsers((complain, browsers, ledger) => {
    /** Before the present event. */
    let remembered: ReadonlyMap<string, readonly Browser[]> = new Map();
    return {
      seen: (observed) => {
        if (observed.kind !== 'event') return;
        const account = accountOf(observed);
        const before = remembered.get(account) ?? [];
        remembered = new Map([...remembered, [account, browsers.of(account)]]);
        if (observed.name !== 'BrowserForgotten') return;
        const { browserId, reason } = dataOf(observed);
        const at = before.findIndex(({ id }) => id === browserId);
        const browser = before[at];
        if (!browser) return complain(`${browserId} of ${account}, which was not remembered`);
        const request = ledger.requestOf(observed.event);
        const token = request && browsers.tokenOf(request);
        const isTrue =
          (reason === 'ended' && forgetting.includes(request?.name ?? '')) ||
          (reason === 'too-many' && at === 0 && before.length === MOST_BROWSERS) ||
          (reason === 'second-factor-changed' && browsers.mayHaveEnded(browser)) ||
          (reason === 'token-reused' && token?.browser === browser && browsers.mayBeReplaced(token, observed.at));
        if (!isTrue) complain(`${browserId} of ${account}: ${reason}`);
      },
    };
  }),
};

export const rememberedAsAsked: Predicate = {
  rule: 'R39',
  says: 'a browser is remembered after a code, where whoever entered it asks for it and the portal lets people, and ten at most',
  begin: byBrowsers((complain, browsers, ledger) => {
    const daysOf = ({ portal }: Pick<Browser, 'portal'>, place: number) =>
      ledger.portal(portal).remembering.possibleSince(place);
    return {
      seen: (observed) => {
        if (observed.kind === 'event' && observed.name === 'BrowserRemembered') {
          const account = accountOf(observed);
          const { passed, request } = browsers.browser(dataOf(observed).browserId) ?? { passed: 0 };
          const { remember } = (request?.call.body ?? {}) as { remember?: boolean };
          if (!passed) complain(`one of ${account}, and no code had passed`);
          if (request && !remember) complain(`one of ${account}, and nobody had asked for it`);
          if (request && daysOf(observed.event, request.place).every(({ days }) => days === 0))
            complain(`one of ${account}, whose portal has none`);
          if (browsers.of(account).length > MOST_BROWSERS) complain(`${browsers.of(account).length} of ${account}`);
        }
        if (observed.kind !== 'answered' || observed.name !== 'loginWithCode' || !isGood(observed)) return;
        const { browserToken } = observed.answer.body as { browserToken?: string };
        const { remember } = observed.call.body as { remember?: boolean };
        const { portal } = observed.on!;
        const { place } = ledger.requests.get(observed.requestId)!;
        if (remember && browserToken === undefined && daysOf({ portal }, place).every(({ days }) => days > 0))
          complain(`${portal}/${observed.on!.id} was answered without a token`);
      },
    };
  }),
};

export const forgottenWhenAnswered: Predicate = {
  rule: 'R39',
  says: 'browsers that were ended are forgotten when it is answered, and those alone are listed that are remembered',
  begin: byBrowsers((complain, browsers, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'answered' || !isGood(observed)) return;
      const { name, call, on, requestId, answer } = observed;
      const isMine = ['myBrowsers', 'forgetMyBrowsers', 'forgetMyBrowser'].includes(name);
      if (!isMine && !['listBrowsers', 'forgetBrowsers', 'forgetBrowser'].includes(name)) return;
      // an external id may be another's by now
      const who = isMine ? ledger.personOf(observed) : on && call.params?.account === on.id ? on : undefined;
      if (!who) return;
      const account = `${who.portal}/${who.id}`;
      const { place } = ledger.requests.get(requestId)!;
      const known = browsers.of(account).filter((browser) => browser.place < place);
      if (!name.startsWith('forget')) {
        const listed = (answer.body as { browsers: { id: string }[] }).browsers.map(({ id }) => id);
        for (const id of listed) {
          const browser = browsers.browser(id);
          if (browser?.account !== account || (browser.gone ?? Infinity) < place)
            complain(`${name} has ${id} of ${account}`);
        }
        const lacks = known.find(
          ({ id, ...rest }) => !listed.includes(id) && !browsers.mayBeTooOld({ id, ...rest }, observed.at),
        );
        if (lacks) complain(`${name} lacks ${lacks.id} of ${account}`);
        return;
      }
      const asked = call.params?.browser;
      const left = known.find(({ id }) => asked === undefined || id === asked);
      if (left) complain(`${name} was answered, and ${left.id} of ${account} is remembered`);
    },
    atRest: () => {
      for (const { portal, id } of ledger.accounts.values()) {
        const left = browsers.of(`${portal}/${id}`).find((browser) => browsers.hasSurelyEnded(browser));
        if (left) complain(`${left.id} of ${portal}/${id} is remembered at rest`);
      }
    },
  })),
};
