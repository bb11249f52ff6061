import { Controller, type Type } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { z } from 'zod';
import type { SourceApp } from '#libs/contracts/src/events/event.js';
import { personalRequests } from '#libs/contracts/src/messages/requests.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';

type ToOpen = z.infer<(typeof personalRequests)[SourceApp]['schema']>;

/** Opens for audit what is personal in this app's events. Who may see it is judged where it is asked for. */
export function personalController(app: SourceApp): Type {
  @Controller()
  class PersonalController {
    constructor(private readonly keys: PersonalKeys) {}

    @MessagePattern(personalRequests[app].pattern)
    async open(@Payload() { portal, sealed }: ToOpen): Promise<{ opened: (string | null)[] }> {
      return { opened: await this.keys.open(portal, sealed) };
    }
  }
  return PersonalController;
}
