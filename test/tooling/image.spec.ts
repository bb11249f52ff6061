import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const dockerfile = readFileSync(join(process.cwd(), 'Dockerfile'), 'utf8');
const [, healthCheck = ''] = /^HEALTHCHECK [^[]*CMD (\[.*\])$/m.exec(dockerfile) ?? [];

describe("the image's health check", () => {
  /** Its exit code, asked of a process that answers so. */
  async function checked(answers: Readonly<Record<string, number>>): Promise<number> {
    const server = createServer((request, response) => response.writeHead(answers[request.url ?? ''] ?? 404).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const [command = '', ...args] = JSON.parse(healthCheck) as string[];
    const { port } = server.address() as AddressInfo;
    const child = spawn(command, args, { env: { PATH: process.env.PATH, PORT: String(port) } });
    const [code] = (await once(child, 'close')) as [number];
    server.close();
    return code;
  }

  it('passes while the process is well, though it waits for Kafka or MongoDB', async () => {
    expect(await checked({ '/health/live': 200, '/health/ready': 503 })).toBe(0);
  });

  it('fails when it is not', async () => {
    expect(await checked({ '/health/live': 500, '/health/ready': 200 })).toBe(1);
  });
});
