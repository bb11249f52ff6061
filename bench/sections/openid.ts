import { join } from 'node:path';
import { Api } from '#test/support/calls/client.js';
import { Connection } from '#test/support/calls/http.js';
import { TestClock } from '#test/support/clock.js';
import { Portal } from '#test/support/people/portal.js';
import { type Driven, driver } from '../load/drive.js';
import { bareClient } from '../openid/bare-client.js';
import { CONNECTIONS, DrivenProvider } from '../openid/driven-provider.js';
import { Worker } from '../process/child.js';
import { OPERATOR_TOKEN, startProduct } from '../process/product.js';
import { type Server, startServer } from '../process/server.js';
import { figure, median } from '../report/figures.js';
import type { Context, Found } from './section.js';

const kinds = ['introspection', 'exchange'] as const;
type Kind = (typeof kinds)[number];
const names: Record<Kind, string> = {
  introspection: 'introspection of a token',
  exchange: 'a code for tokens',
};
type Pair = Record<'product' | 'bare', Driven>;

/** The portal's OpenID Provider, beside the library that it is made with, which keeps everything in memory. */
export async function openid(context: Context): Promise<Found> {
  const { options, folder, say } = context;
  const { introspections, exchanges } = options.sizes;
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const product = await startProduct(context, join(folder, 'openid'), profiling);
  const bareServer = await startServer({
    module: new URL('../baselines/oidc-provider.js', import.meta.url),
    folder,
    cpu: options.pin ? 0 : undefined,
  });
  const client = new Worker(driver, { cpu: options.pin ? 1 : undefined });
  try {
    const providers = { product: await openProduct(product, folder), bare: await openBare(bareServer) };
    say('Driving …\n');
    const inTurn = async (act: (provider: DrivenProvider) => Promise<Driven>): Promise<Pair> => ({
      product: await act(providers.product),
      bare: await act(providers.bare),
    });
    const exchange = () => inTurn((provider) => provider.exchange(client));
    const introspection = () => inTurn((provider) => provider.introspection(client, introspections));
    await exchange();
    await introspection();
    const found: Record<Kind, Pair[]> = { introspection: [], exchange: [] };
    for (let round = 0; round < options.sizes.rounds; round++) found.introspection.push(await introspection());
    for (let round = 0; round < exchanges; round++) found.exchange.push(await exchange());
    return report(found);
  } finally {
    await client.end();
    await Promise.all([product.stop(), bareServer.stop()]);
  }
}

async function openProduct(server: Server, folder: string): Promise<DrivenProvider> {
  const connection = new Connection(server.url);
  const api = new Api(connection);
  const clock = new TestClock(join(folder, 'clock'));
  const operator = api.as(OPERATOR_TOKEN);
  const portal = await Portal.make({ api, operator, clock, recorded: async () => 0 });
  const registration = { name: 'Bench', redirectUris: [bareClient.redirectUri] };
  const { clientId, clientSecret = '' } = (await operator.registerClient(portal.id, registration)).success();
  const own = { ...bareClient, id: clientId, secret: clientSecret };
  const provider = new DrivenProvider(server, `/p/${portal.id}`, own);
  await provider.open(async (browser, authorization) => browser.authorize(authorization, await portal.register()));
  connection.close();
  return provider;
}

async function openBare(server: Server): Promise<DrivenProvider> {
  const provider = new DrivenProvider(server, '', bareClient);
  await provider.open((browser, authorization) => browser.go(authorization));
  return provider;
}

function report(found: Record<Kind, Pair[]>): Found {
  const medianOf = (kind: Kind, of: keyof Pair, what: 'perSecond' | 'p50' | 'p99' | 'serverCpu') =>
    median(found[kind].map((pair) => pair[of][what] ?? NaN));
  const ratio = (kind: Kind) => median(found[kind].map(({ product, bare }) => product.perSecond / bare.perSecond));
  const row = (kind: Kind, of: keyof Pair, name: string) => [
    `${names[kind]}: ${name}`,
    ...(['perSecond', 'p50', 'p99', 'serverCpu'] as const).map((what) => figure(medianOf(kind, of, what))),
    of === 'product' ? figure(ratio(kind)) : '',
  ];
  return {
    title: `OpenID Provider: requests of a client with a secret, ${CONNECTIONS} connections`,
    table: [
      ['', 'per second', 'p50 ms', 'p99 ms', 'server CPU µs', 'of the library'],
      ...kinds.flatMap((kind) => [row(kind, 'bare', 'oidc-provider in memory'), row(kind, 'product', 'the product')]),
    ],
    measured: found,
    aims: kinds.map((kind) => ({
      what: `${names[kind]}, of oidc-provider in memory`,
      value: ratio(kind),
      unit: '',
      atLeast: 0.7,
    })),
  };
}
