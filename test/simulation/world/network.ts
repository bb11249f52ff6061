import type { MessageHandler } from '@nestjs/microservices';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine } from '#libs/engine/src/port.js';
import { requestContracts } from '#libs/messaging/src/answering.js';
import { documentOf } from '#libs/messaging/src/failures.js';
import { Member, type Members } from '#libs/messaging/src/in-process/member.js';
import { SourceFeed } from '#libs/messaging/src/in-process/source-feed.js';
import { sortHandlers } from '#libs/messaging/src/nest/handlers.js';
import type { AppBus, Bus } from '#libs/messaging/src/port.js';
import type { Ask } from '#libs/messaging/src/requests.js';
import { as } from '../runtime/scheduler.js';
import type { Process } from './process.js';
import type { World } from './world.js';

interface Place {
  readonly process: Process;
  readonly member: Member;
  /** Of signed commands. */
  readonly commands: MessageHandler | undefined;
}
/** Who takes signed commands from outside. */
export interface CommandReader {
  readonly process: Process;
  readonly handler: MessageHandler;
}
/** Whose turn it is to read one app's events for another. */
interface Lease {
  readonly source: AppName;
  readonly reader: AppName;
  holder: Place | undefined;
}

/** A broker does not notice at once that a reader has died. */
const NOTICED_AFTER_MS = 3_000;

/** What connects the processes: requests to any instance of an app, and one reader of each app's events for each other app. */
export class Network {
  readonly #places: Place[] = [];
  readonly #leases: Lease[] = [];

  constructor(private readonly world: World) {}

  busOf(process: Process, logger: Logger, clock: () => number): Bus {
    return {
      join: (app, engine) => this.#join(process, app, engine, { logger, clock }),
      close: async () => {},
    };
  }

  commandReaders(): CommandReader[] {
    return this.#places.flatMap(({ process, commands: handler }) =>
      process.alive && handler ? [{ process, handler }] : [],
    );
  }

  /** Another reader goes on from where this one was known to be; this one reads on for a while. */
  moveALease(): void {
    const { random, scheduler } = this.world;
    const held = this.#leases.filter(({ holder }) => holder?.process.alive);
    if (held.length === 0) return;
    const lease = random.pick(held);
    const before = lease.holder!;
    lease.holder = undefined;
    this.#assign(lease, before);
    scheduler.after(random.fraction() * 2_000, () => {
      if (before.process.alive && lease.holder !== before) {
        as(before.process, () => void this.#letGo(lease, before));
      }
    });
  }

  died(process: Process): void {
    const mine = this.#places.filter((place) => place.process === process);
    for (const place of mine) this.#places.splice(this.#places.indexOf(place), 1);
    this.world.scheduler.after(NOTICED_AFTER_MS, () => this.#assignAll());
  }

  /** How far behind the events each reader is, in commits; undefined: somebody does not read. */
  behind(): number | undefined {
    let behind = 0;
    for (const { source, holder } of this.#leases) {
      const health = holder?.member.health().find((one) => one.source === source);
      if (!health || !holder?.process.alive) return undefined;
      behind += this.world.database(source).commits.length - health.position;
    }
    return behind;
  }

  #join(process: Process, app: AppName, engine: Engine, options: { logger: Logger; clock: () => number }): AppBus {
    const others: Members = {
      ask: this.#askFrom(process),
      feedOf: (source) => this.#feedOf(source, process),
      listens: (member) => {
        const { commands } = sortHandlers(app, member.strategy.getHandlers());
        this.#places.push({ process, member, commands });
        for (const { source } of member.health()) {
          const known = this.#leases.some((lease) => lease.source === source && lease.reader === app);
          if (!known) this.#leases.push({ source: source, reader: app, holder: undefined });
        }
        this.#assignAll();
      },
      leave: async () => {},
    };
    return new Member(app, engine, others, options);
  }

  #askFrom(process: Process): Ask {
    const { scheduler, faults, random } = this.world;
    return ({ pattern, payload, context }) =>
      new Promise((resolve) => {
        const answer = (reply: unknown) =>
          scheduler.after(faults.trip(), () => resolve(JSON.stringify(reply)), process);
        const arrive = () => {
          const there = this.#places.filter(({ process: { alive }, member }) => {
            return alive && member.app === requestContracts.get(pattern)?.app && member.answering;
          });
          if (there.length === 0) {
            const problem = new Problem('unavailable', `Nothing answers ${pattern} now.`, { retryAfter: 1 });
            return void answer({ problem: documentOf(problem) });
          }
          const { process: at, member } = random.pick(there);
          as(at, () => {
            void member.answering!.answer(pattern, JSON.parse(payload), context).then((reply) => {
              if (!faults.losesMessage()) answer(reply);
            });
          });
        };
        if (!faults.losesMessage()) scheduler.after(faults.trip(), arrive, undefined);
        if (faults.doublesMessage()) scheduler.after(faults.late(), arrive, undefined);
      });
  }

  #assignAll(): void {
    for (const lease of this.#leases) {
      if (!lease.holder?.process.alive) this.#assign(lease);
    }
  }

  #assign(lease: Lease, without?: Place): void {
    const able = this.#places.filter((place) => place.process.alive && place.member.app === lease.reader);
    const others = able.filter((place) => place !== without);
    if (able.length === 0) return;
    const holder = this.world.random.pick(others.length > 0 ? others : able);
    lease.holder = holder;
    const feed = this.#feedOf(lease.source, holder.process);
    as(holder.process, () => holder.member.follow(lease.source, feed));
  }

  async #letGo(lease: Lease, reader: Place): Promise<void> {
    await reader.member.unfollow(lease.source);
    // it was given it again while it still ended what it had in hand
    if (lease.holder === reader) reader.member.follow(lease.source, this.#feedOf(lease.source, reader.process));
  }

  #feedOf(source: AppName, process: Process): SourceFeed {
    const database = this.world.database(source);
    const { feed } = database.for(process).log;
    const { scheduler, faults } = this.world;
    return new SourceFeed({
      read: (after, limit) => feed.read(after, limit),
      // whoever appended it
      onAppend: (listener) =>
        database.memory.log.feed.onAppend(() => scheduler.after(faults.trip(), listener, process)),
    });
  }
}
