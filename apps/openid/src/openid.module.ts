import { Module } from '@nestjs/common';
import type { AppDefinition } from '#libs/platform/src/app.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';
import { KeyRingRotation } from '#libs/platform/src/settings/key-ring-rotation.js';
import { HandOverRecords } from './hand-over/hand-over-records.js';
import { HandOverRoutes } from './hand-over/hand-over.routes.js';
import { HandOvers } from './hand-over/hand-overs.js';
import { Interactions } from './interactions/interactions.js';
import { SigningKeysMessages } from './keys/signing-keys.messages.js';
import { SigningKeys } from './keys/signing-keys.js';
import { People } from './people/people.js';
import { Clients } from './provider/clients.js';
import { OpenidRoutes } from './provider/openid.routes.js';
import { PageCalls } from './provider/page-calls.js';
import { Providers } from './provider/providers.js';
import { RequestedProviders } from './provider/requested-providers.js';
import { WriteLimit } from './provider/write-limit.js';
import { SealedPayloads } from './storage/sealed-payloads.js';
import { StoredModels } from './storage/stored-models.js';
import { Upkeep } from './storage/upkeep.js';

@Module({
  controllers: [SigningKeysMessages],
  providers: [
    {
      provide: SealedPayloads,
      inject: [KeyRingRotation],
      useFactory: (ring: KeyRingRotation) => ring.use((keys) => new SealedPayloads(keys)),
    },
    Expiries,
    StoredModels,
    SigningKeys,
    People,
    Clients,
    HandOverRecords,
    HandOvers,
    HandOverRoutes,
    RequestedProviders,
    PageCalls,
    WriteLimit,
    Providers,
    Interactions,
    OpenidRoutes,
    Upkeep,
  ],
})
export class OpenidModule {}

/** The OpenID Provider of each portal (R35). It decides nothing: logins and sessions are identity's, codes two-factor's. */
export const openidApp: AppDefinition = { name: 'openid', module: OpenidModule };
