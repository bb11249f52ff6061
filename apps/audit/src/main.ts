import { startAlone } from '#libs/platform/src/running/alone.js';
import { auditApp } from './audit.module.js';

await startAlone(auditApp);
