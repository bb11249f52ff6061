import { startAlone } from '#libs/platform/src/alone.js';
import { identityApp } from './identity.module.js';

await startAlone(identityApp);
