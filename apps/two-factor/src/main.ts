import { startAlone } from '#libs/platform/src/alone.js';
import { twoFactorApp } from './two-factor.module.js';

await startAlone(twoFactorApp);
