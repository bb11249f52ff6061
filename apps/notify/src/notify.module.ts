import { Module } from '@nestjs/common';
import type { AppDefinition } from '#libs/platform/src/app.js';
import { DailyLimit } from './mails/daily-limit.js';
import { GatheredLocks } from './mails/gathered-locks.js';
import { MailQueue } from './mails/mail-queue.js';
import { Postman } from './mails/postman.js';
import { Sender } from './mails/sender.js';
import { NewsEvents } from './news/news.events.js';
import { PortalFaces } from './news/portal-faces.js';
import { PortalFacesEvents } from './news/portal-faces.events.js';
import { PasswordLinksMessages } from './password-links/password-links.messages.js';

@Module({
  controllers: [NewsEvents, PortalFacesEvents, PasswordLinksMessages],
  providers: [PortalFaces, MailQueue, GatheredLocks, DailyLimit, Postman, Sender],
})
export class NotifyModule {}

/** Tells people by mail what has happened to their accounts (R40), and brings them links (R43). */
export const notifyApp: AppDefinition = { name: 'notify', module: NotifyModule };
