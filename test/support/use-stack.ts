import { join } from 'node:path';
import { Api } from './calls/client.js';
import { Portal, type PortalOptions, type Product } from './people/portal.js';
import { chosenEngine } from './servers/engines.js';
import { SharedProduct } from './process/shared-product.js';
import { IdentityProvider } from './people/sso.js';
import { Stack, type StackOptions } from './process/stack.js';

/** A product of its own for the tests of a file: started before the first of them, stopped after the last. */
export function useStack(options: StackOptions = {}): Stack {
  const stack = new Stack(options);
  beforeAll(() => stack.start());
  afterAll(() => stack.stop());
  return stack;
}

/**
 * A product that other spec files use too, for tests that are about its portals alone: it is not restarted, its clock not set
 * back, and nobody looks into its data.
 */
export function useProduct(): Product & Pick<Stack, 'origin' | 'operatorToken'> {
  const folder = process.env.TWINLOCK_SHARED_PRODUCTS;
  if (folder === undefined || chosenEngine() !== 'embedded') return useStack();
  const product = new SharedProduct(join(folder, process.env.JEST_WORKER_ID ?? '1'));
  beforeAll(() => product.join());
  afterAll(() => product.leave());
  return product;
}

/** A portal for all tests of a file. */
export function usePortal(stack: Product, options: PortalOptions = {}): Portal {
  const portal = new Portal(stack, options);
  beforeAll(async () => {
    await portal.open();
  });
  return portal;
}

/** A gateway of the portal, which opens challenges and has codes checked. */
export function useGateway(portal: Portal): Api {
  let service: Api;
  beforeAll(async () => {
    service = await portal.service('challenges');
  });
  return new Api({ send: (call) => service.send(call) });
}

/** An identity provider for all tests of a file; a portal trusts it when told to. */
export function useIdentityProvider(): IdentityProvider {
  const provider = new IdentityProvider();
  beforeAll(async () => {
    await provider.open();
  });
  afterAll(() => provider.stop());
  return provider;
}
