import type { Commit } from '#libs/engine/src/port.js';
import { lmdb } from '../baselines/lmdb.js';
import type { Appended, AppendsJob } from '../baselines/lmdb-appends.js';
import type { Driven } from '../load/drive.js';
import { openStations, type Stations } from '../load/stations.js';
import { inProcess } from '../process/child.js';
import { caughtUp, lagOf } from '../process/product.js';
import { figure, median } from '../report/figures.js';
import type { Context, Found } from './section.js';

/** The connections that the aims are for. */
const AIMED = 64;
const WARM_UP = 3_000;
const kinds = ['echo', 'nest', 'verify', 'login'] as const;
type Kind = (typeof kinds)[number];
const names: Record<Kind | 'refused', string> = {
  echo: 'bare Fastify echo',
  nest: 'Nest on Fastify, a command that does nothing',
  verify: 'POST /v1/challenges/verify',
  login: 'POST /v1/login/code',
  refused: 'the same of a challenge that is none',
};

interface Round extends Record<Kind, Driven> {
  readonly connections: number;
  /** Events that a consumer was behind when the verifications were through. */
  readonly lag: number;
}

/** Verifications over HTTP, each durable before its answer, beside servers that do nothing. */
export async function verify(context: Context): Promise<Found> {
  const { options, say } = context;
  const { verifications, rounds } = options.sizes;
  const stations = await openStations(context);
  try {
    say('Driving …\n');
    for (const kind of kinds) await stations[kind](AIMED, WARM_UP);
    const levels: Round[] = [];
    for (const [level, requests] of Object.entries(verifications)) {
      const connections = Number(level);
      for (let round = 0; round < (connections === AIMED ? rounds : 1); round++) {
        levels.push(await oneRound(stations, connections, requests));
      }
    }
    const refused = await stations.refused(AIMED, verifications[AIMED] ?? WARM_UP);
    const appends = await bareAppends(context, stations.wrongCode, verifications[AIMED] ?? WARM_UP);
    return report(levels, refused, appends);
  } finally {
    await stations.stop();
  }
}

async function oneRound(stations: Stations, connections: number, requests: number): Promise<Round> {
  const echo = await stations.echo(connections, requests);
  const nest = await stations.nest(connections, requests);
  const verified = await stations.verify(connections, requests);
  const lag = await lagOf(stations.product);
  await caughtUp(stations.product);
  const login = await stations.login(connections, requests);
  await caughtUp(stations.product);
  return { connections, echo, nest, verify: verified, login, lag };
}

/** Of about as many bytes as the engine writes for a wrong code. */
const bareAppends = ({ folder }: Context, wrongCode: Commit, appends: number): Promise<Appended> =>
  inProcess<AppendsJob, Appended>(lmdb.appends, { folder, appends, writers: AIMED, text: JSON.stringify(wrongCode) });

function report(rounds: readonly Round[], refused: Driven, appends: Appended): Found {
  const aimed = rounds.filter(({ connections }) => connections === AIMED);
  const ratios = aimed.map((round) => round.verify.perSecond / round.echo.perSecond);
  const toEcho = median(ratios);
  const p99 = median(aimed.map((round) => round.verify.p99));
  const row = (connections: number, kind: keyof typeof names, driven: Driven, echo: Driven) => [
    `${connections} connections: ${names[kind]}`,
    figure(driven.perSecond),
    figure(driven.p50),
    figure(driven.p99),
    figure(driven.serverCpu),
    figure(driven.perSecond / echo.perSecond),
  ];
  const last = aimed.at(-1)!;
  return {
    title: 'Verifications over HTTP: 20 wrong codes and a right one of each account, each durable before its answer',
    table: [
      ['', 'per second', 'p50 ms', 'p99 ms', 'server CPU µs', 'of the echo'],
      ...rounds.flatMap((round) => kinds.map((kind) => row(round.connections, kind, round[kind], round.echo))),
      row(AIMED, 'refused', refused, last.echo),
      [
        `${AIMED} writers: bare LMDB conditional appends`,
        figure(appends.perSecond),
        '',
        '',
        figure(appends.cpu),
        figure(appends.perSecond / last.echo.perSecond),
      ],
    ],
    measured: { rounds, refused, appends },
    aims: [
      { what: `verifications, of the echo, ${AIMED} connections`, value: toEcho, unit: '', atLeast: 0.3 },
      { what: `verifications, p99, ${AIMED} connections`, value: p99, unit: 'ms', below: 20 },
    ],
  };
}
