import { startAlone } from '#libs/platform/src/alone.js';
import { auditApp } from './audit.module.js';

await startAlone(auditApp);
