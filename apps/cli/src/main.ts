#!/usr/bin/env node
import { createRequire } from 'node:module';
import { harden } from '#libs/platform/src/running/harden.js';
import { refuseSecrets } from './command/arguments.js';
import { failed } from './command/failure.js';
import { createProgram } from './program.js';

const { version } = createRequire(import.meta.url)('#package.json') as { version: string };
harden();
// who reads no further, as `head` does
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
const args = process.argv.slice(2);
try {
  const { OPERATOR_TOKEN = '', TWINLOCK_TOKEN = '', TWINLOCK_PASSWORD = '' } = process.env;
  refuseSecrets(args, [OPERATOR_TOKEN, TWINLOCK_TOKEN, TWINLOCK_PASSWORD]);
  await createProgram(version).parseAsync(args, { from: 'user' });
} catch (error) {
  process.exitCode = failed(error, args.includes('--json'));
}
