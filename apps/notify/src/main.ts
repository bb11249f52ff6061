import { startAlone } from '#libs/platform/src/running/alone.js';
import { notifyApp } from './notify.module.js';

await startAlone(notifyApp);
