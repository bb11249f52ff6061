import { Controller, type Type } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import type { AppStatus } from '#libs/contracts/src/installation.js';
import { statusRequests } from '#libs/contracts/src/messages/requests.js';
import { OwnStatus } from './own-status.js';

/** Tells admin-policy how this app is, for the operator. */
export function statusController(app: keyof typeof statusRequests): Type {
  @Controller()
  class StatusController {
    constructor(private readonly own: OwnStatus) {}

    @MessagePattern(statusRequests[app].pattern)
    describe(): Promise<AppStatus> {
      return this.own.describe();
    }
  }
  return StatusController;
}
