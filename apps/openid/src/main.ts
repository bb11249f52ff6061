import { startAlone } from '#libs/platform/src/running/alone.js';
import { openidApp } from './openid.module.js';

await startAlone(openidApp);
