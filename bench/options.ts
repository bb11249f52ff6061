import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type EngineName, engineNames } from './process/engine.js';

const sectionsOf = {
  embedded: ['verify', 'parts', 'replay', 'load', 'start', 'memory', 'directory', 'deletions', 'openid'],
  'kafka-mongo': ['servers'],
} as const satisfies Record<EngineName, readonly string[]>;
export type SectionName = (typeof sectionsOf)[EngineName][number];

/** How much of everything; `--quick` shows that it runs, not how well. */
export interface Sizes {
  /** Accounts for the load over HTTP. */
  readonly accounts: number;
  /** Verifications of one run, about, by number of connections. */
  readonly verifications: Readonly<Record<number, number>>;
  /** Runs beside the echo in turn at the level that has the aim. */
  readonly rounds: number;
  /** Operations of one measurement in process. */
  readonly operations: number;
  /** The big store: accounts, and two-factor events of each. */
  readonly manyAccounts: number;
  readonly eventsOfEach: number;
  /** Accounts that are deleted while others verify. */
  readonly deletions: number;
  /** Introspections of one run, and runs of exchanges of codes. */
  readonly introspections: number;
  readonly exchanges: number;
  /** Events of the account that is loaded beside one of ten. */
  readonly longStream: number;
}

const full: Sizes = {
  accounts: 20_000,
  verifications: { 1: 5_000, 16: 20_000, 64: 40_000, 256: 43_000 },
  rounds: 3,
  operations: 20_000,
  manyAccounts: 100_000,
  eventsOfEach: 10,
  deletions: 10_000,
  introspections: 10_000,
  exchanges: 15,
  longStream: 100_000,
};
const quick: Sizes = {
  accounts: 2_500,
  verifications: { 1: 210, 16: 1_700, 64: 2_700, 256: 5_400 },
  rounds: 1,
  operations: 2_000,
  manyAccounts: 1_000,
  eventsOfEach: 10,
  deletions: 300,
  introspections: 1_000,
  exchanges: 2,
  longStream: 2_000,
};

export interface Options {
  readonly quick: boolean;
  readonly engine: EngineName;
  readonly sections: readonly SectionName[];
  /** The server on one processor, its client on another. */
  readonly pin: boolean;
  /** Where the product that is driven leaves a profile of its processor time. */
  readonly profile?: string;
  readonly sizes: Sizes;
}

export const usage = `npm run bench -- [--quick] [--engine ${engineNames.join(' | ')}] [--only ${sectionsOf.embedded.join(',')}] [--pin] [--profile DIR]`;

/** @throws TypeError with what is wrong */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      engine: { type: 'string', default: 'embedded' },
      only: { type: 'string' },
      pin: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const engine = oneOf(engineNames, values.engine);
  const sections: readonly SectionName[] = sectionsOf[engine];
  return {
    quick: values.quick,
    engine,
    sections: values.only?.split(',').map((name) => oneOf(sections, name)) ?? sections,
    pin: values.pin,
    ...(values.profile !== undefined && { profile: resolve(values.profile) }),
    sizes: values.quick ? quick : full,
  };
}

function oneOf<const Name extends string>(names: readonly Name[], given: string): Name {
  const found = names.find((name) => name === given.trim());
  if (found === undefined) throw new TypeError(`"${given}" is none of ${names.join(', ')}`);
  return found;
}
