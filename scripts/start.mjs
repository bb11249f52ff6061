// `npm start`, `npm run start:<app>`: builds what changed, and then is the app itself.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// A signal to npm ends the shell that npm started, and not all shells hand it on: without its parent this ends too, as by the signal.
const { ppid } = process;
const watch = setInterval(() => {
  if (process.ppid === ppid) return;
  clearInterval(watch);
  process.kill(process.pid, 'SIGTERM');
}, 200).unref();

const build = join(import.meta.dirname, 'build/build.mjs');
const { status } = spawnSync(process.execPath, [build], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
[process.env.APP] = process.argv.slice(2);
await import('./app.mjs');
