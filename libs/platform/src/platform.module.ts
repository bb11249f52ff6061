import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { isSource } from '#libs/contracts/src/events/events.js';
import { Adoptions, Effects } from '#libs/messaging/src/adopting/adoptions.js';
import type { AppBus } from '#libs/messaging/src/port.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { adoptedController } from '#libs/messaging/src/adopting/adopted.controller.js';
import { KeyTimes } from '#libs/vault/src/key-times.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { EndpointGuard } from './auth/guard.js';
import { ServiceTokens } from './auth/service-tokens.js';
import { Authenticator } from './auth/authenticator.js';
import { Metrics } from './observing/metrics.js';
import { OwnStatus } from './observing/own-status.js';
import { statusController } from './observing/status.controller.js';
import { ErasedAccounts } from './personal/erased-accounts.js';
import { KeyRetention } from './personal/key-retention.js';
import { personalController } from './personal/personal.controller.js';
import { type AppName, encrypts } from '#libs/contracts/src/http/endpoint.js';
import type { Config } from './settings/config.js';
import { KeyRingRotation, type KeyRingSetting } from './settings/key-ring-rotation.js';
import { type AppContext, APP_BUS, CLOCK, CONFIG, ENGINE, LOGGER } from './tokens.js';

/** What every app finds injectable: its context under the tokens, and by class what the platform makes of it. */
@Module({})
export class PlatformModule {
  static of(context: AppContext, bus: AppBus): DynamicModule {
    const { app, config, clock, logger, engine, metrics } = context;
    const requests = new Requests(bus.ask);
    // global, so that its hook comes before those of all that use it
    const keyTimes = new KeyTimes(engine, clock);
    const ringRotation = new KeyRingRotation(vaultRingOf(app, config), logger, encrypts(app) ? keyTimes : undefined);
    const keys = encrypts(app) ? { rotation: ringRotation, times: keyTimes } : undefined;
    const authenticator = new Authenticator(config.operatorToken, requests, new ServiceTokens(requests));
    const providers: Provider[] = [
      { provide: CONFIG, useValue: config },
      { provide: CLOCK, useValue: clock },
      { provide: LOGGER, useValue: logger },
      { provide: ENGINE, useValue: engine },
      { provide: APP_BUS, useValue: bus },
      { provide: Metrics, useValue: metrics },
      { provide: Requests, useValue: requests },
      { provide: Effects, useValue: new Effects(requests) },
      { provide: Adoptions, useValue: bus.adoptions },
      { provide: KeyRingRotation, useValue: ringRotation },
      { provide: Authenticator, useValue: authenticator },
      { provide: OwnStatus, useValue: new OwnStatus(context, bus, keys) },
      EndpointGuard,
      // without a log of its own an app has no keys
      ...(isSource(app)
        ? [
            { provide: PersonalKeys, useValue: ringRotation.use((ring) => new PersonalKeys(engine, ring)) },
            KeyRetention,
            ErasedAccounts,
          ]
        : []),
    ];
    return {
      module: PlatformModule,
      global: true,
      controllers: [
        ...(isSource(app) ? [adoptedController(app), personalController(app)] : []),
        // it tells the operator of itself without being asked over the bus
        ...(app === 'admin-policy' ? [] : [statusController(app)]),
      ],
      providers,
      exports: providers,
    };
  }
}

function vaultRingOf(app: AppName, { vaultKeys, vaultKeysFile, vaultKeysOf }: Config): KeyRingSetting {
  const own = vaultKeysOf?.[app];
  if (own) return { name: 'VAULT_KEYS', keys: own };
  return { name: 'VAULT_KEYS', keys: vaultKeys, file: vaultKeysFile };
}
