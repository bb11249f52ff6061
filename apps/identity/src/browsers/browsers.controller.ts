import { Controller } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { type Caller, sessionOf } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ForgetBrowsers, ForgetBrowsersHandler } from './forget-browsers.js';
import { ListBrowsers, ListBrowsersHandler } from './list-browsers.js';

const { myBrowsers, forgetMyBrowsers, forgetMyBrowser, listBrowsers, forgetBrowsers, forgetBrowser } =
  identityEndpoints;

/** What carries these calls out. */
export const browsersHandlers = [ListBrowsersHandler, ForgetBrowsersHandler];

/** Remembered browsers, seen and ended by their person or by an administrator (R39, R44). */
@Controller()
export class BrowsersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Handle(myBrowsers)
  mine(@In() { caller }: Input<typeof myBrowsers>) {
    return this.queries.execute(new ListBrowsers({ account: ownOf(caller), sessionId: sessionIdOf(caller) }));
  }

  @Handle(forgetMyBrowsers)
  forgetMine(@In() { caller, context }: Input<typeof forgetMyBrowsers>) {
    return this.commands.execute(new ForgetBrowsers({ account: ownOf(caller), context }));
  }

  @Handle(forgetMyBrowser)
  forgetOneOfMine(@In() { params: { browser: browserId }, caller, context }: Input<typeof forgetMyBrowser>) {
    return this.commands.execute(new ForgetBrowsers({ account: ownOf(caller), browserId, context }));
  }

  @Handle(listBrowsers)
  list(@In() { params, caller }: Input<typeof listBrowsers>) {
    return this.queries.execute(new ListBrowsers({ account: refOf(params), sessionId: sessionIdOf(caller) }));
  }

  @Handle(forgetBrowsers)
  forgetAll(@In() { params, context }: Input<typeof forgetBrowsers>) {
    return this.commands.execute(new ForgetBrowsers({ account: refOf(params), context }));
  }

  @Handle(forgetBrowser)
  forgetOne(@In() { params, context }: Input<typeof forgetBrowser>) {
    return this.commands.execute(new ForgetBrowsers({ account: refOf(params), browserId: params.browser, context }));
  }
}

const refOf = ({ portal, account }: { portal: string; account: string }) => ({ portal, accountId: account });
const ownOf = (caller: Caller) => refOf({ portal: sessionOf(caller).portal, account: sessionOf(caller).accountId });
const sessionIdOf = (caller: Caller) => (caller.kind === 'session' ? caller.session.sessionId : undefined);
