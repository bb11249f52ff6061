import { join } from 'node:path';
import { systemContext } from '#libs/contracts/src/context.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { createKafkaBus } from '#libs/messaging/src/kafka/bus.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { createLogger } from '#libs/platform/src/observing/logger.js';
import { parseKeyRing } from '#libs/vault/src/keyring.js';
import { answerJobs } from '../process/child.js';
import { type Flow, inFlight } from './in-flight.js';

export interface AskingJob {
  readonly brokers: readonly string[];
  readonly prefix: string;
  /** As BUS_KEYS has it. */
  readonly busKeys: string;
  readonly folder: string;
  readonly purpose: ChallengePurpose;
  /** What each lane asks to be verified, in order. */
  readonly bodies: readonly (readonly string[])[];
}
export interface Asked extends Flow {
  readonly passed: number;
  readonly wrong: number;
}

let open: Requests | undefined;

/** As audit, which asks nobody and is not there. */
async function connect({ brokers, prefix, busKeys, folder }: AskingJob): Promise<Requests> {
  const engine = await openEmbeddedEngine({ path: join(folder, 'asking'), name: 'audit' });
  const bus = createKafkaBus({ brokers, prefix, keys: parseKeyRing(busKeys), logger: createLogger('warn') });
  return new Requests(bus.join('audit', engine).ask);
}

/** Verifications asked of two-factor over the bus, as an app asks another. */
answerJobs<AskingJob, Asked>(async (job) => {
  const requests = (open ??= await connect(job));
  let [passed, wrong] = [0, 0];
  const { bodies, purpose } = job;
  const flow = await inFlight(bodies.length, bodies[0]!.length, async (lane, index) => {
    const typed = JSON.parse(bodies[lane]![index]!) as { challenge: string; code: string };
    try {
      await requests.send(twoFactorRequests.verifyChallenge, { ...typed, purpose }, systemContext(), {
        timeoutMs: 30_000,
      });
      passed++;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'wrong-code') throw error;
      wrong++;
    }
  });
  return { ...flow, passed, wrong };
});
