import { startAlone } from '#libs/platform/src/running/alone.js';
import { twoFactorApp } from './two-factor.module.js';

await startAlone(twoFactorApp);
