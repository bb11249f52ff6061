import { runUntilStopped } from '#libs/platform/src/running/process.js';
import { startStandalone } from './standalone.js';

await runUntilStopped((waiting) => startStandalone(process.env, { waiting }));
