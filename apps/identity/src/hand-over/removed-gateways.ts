import { Controller, Inject, Injectable } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import type { EventOf } from '#libs/contracts/src/events/event.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';

const REMOVED = 'removed-gateways';
/** Longer than any session by hand-over lasts. */
const KEPT_MS = 24 * 60 * 60_000;
const { ClientRemoved } = adminPolicyEvents;

/** Gateways whose key may have leaked: what they have begun is good for nothing any more (R34). */
@Injectable()
export class RemovedGateways {
  private readonly records: Records<true>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly expiries: Expiries,
  ) {
    this.records = engine.records(REMOVED);
  }

  async has(clientId: string | undefined): Promise<boolean> {
    return clientId !== undefined && (await this.records.get([clientId])) !== undefined;
  }

  async add(clientId: string): Promise<void> {
    await this.expiries.add(this.clock() + KEPT_MS, { collection: REMOVED, key: [clientId] });
    await this.records.put([clientId], true);
  }
}

@Controller()
export class ClientEvents {
  constructor(private readonly gateways: RemovedGateways) {}

  @EventPattern<string>(ClientRemoved.type)
  removed({ data }: EventOf<typeof ClientRemoved>): Promise<void> {
    return this.gateways.add(data.clientId);
  }
}
