import { startAlone } from '#libs/platform/src/running/alone.js';
import { adminPolicyApp } from './admin-policy.module.js';

await startAlone(adminPolicyApp);
