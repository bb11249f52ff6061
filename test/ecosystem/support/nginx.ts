import { execFileSync, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { endProcess } from '#test/support/process/end-process.js';
import { until } from '#test/support/until.js';

export interface Nginx {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Why there is no nginx on this machine; undefined where there is one. */
export function missingNginx(): string | undefined {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'no nginx: apt-get install nginx-light';
  }
}

/** `server`: what Debian would find in `/etc/nginx/conf.d`. */
const configuration = (server: string, folder: string): string => `
worker_processes 1;
daemon off;
error_log stderr warn;
pid ${folder}/nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  ${server}
}
`;

/** As the operations page has it before the product: tells who calls, and passes on what comes as it comes. */
const before = (product: string, port: number): string => `server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${product};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }`;

/** A reverse proxy before the product, on loopback. */
export async function startNginx(product: string): Promise<Nginx> {
  const port = await freePort();
  return startNginxWith(before(product, port), port);
}

/** @param server its blocks, one of which listens on that port of loopback */
export async function startNginxWith(server: string, port: number): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(server, folder));
  const child = spawn('nginx', ['-c', file, '-p', folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const stop = async () => {
    await endProcess(child, 'SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until('nginx listens', async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`);
      return listens(port);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin: `http://127.0.0.1:${port}`, stop };
}

/** Whether something does at a port of loopback. */
export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
