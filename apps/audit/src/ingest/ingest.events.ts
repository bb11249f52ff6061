import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import type { DataOf, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { Authenticator } from '#libs/platform/src/auth/authenticator.js';
import { Ingest } from './ingest.js';

type Revoked = RecordedEvent<DataOf<typeof adminPolicyEvents.ServiceTokenRevoked>>;

/** Every event of every app, by the batch. */
@Controller()
export class IngestEvents {
  constructor(
    private readonly ingest: Ingest,
    private readonly authenticator: Authenticator,
  ) {}

  @EventPattern<string>('identity.*', { batch: true })
  identity(events: RecordedEvent[]): Promise<void> {
    return this.ingest.take('identity', events);
  }

  @EventPattern<string>('two-factor.*', { batch: true })
  twoFactor(events: RecordedEvent[]): Promise<void> {
    return this.ingest.take('two-factor', events);
  }

  @EventPattern<string>('admin-policy.*', { batch: true })
  async adminPolicy(events: RecordedEvent[]): Promise<void> {
    for (const event of events) {
      if (event.type === adminPolicyEvents.ServiceTokenRevoked.type) {
        this.authenticator.forget((event as Revoked).data.tokenId);
      }
    }
    await this.ingest.take('admin-policy', events);
  }
}
