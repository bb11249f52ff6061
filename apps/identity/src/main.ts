import { startAlone } from '#libs/platform/src/running/alone.js';
import { identityApp } from './identity.module.js';

await startAlone(identityApp);
