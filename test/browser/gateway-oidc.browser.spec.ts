import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientKey } from '#libs/contracts/src/http/clients.js';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { HandingGateway } from '#test/support/people/handing-gateway.js';
import { Vouched } from '#test/support/people/vouched.js';
import { usePortal } from '#test/support/use-stack.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const ROOT = join(import.meta.dirname, '../..');
const stage = useStage();
const portal = usePortal(stage.stack);
const folder = mkdtempSync(join(tmpdir(), 'twinlock-gateway-oidc-'));
let example: ChildProcess;
let origin: string;
beforeAll(async () => {
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const PRIVATE_KEY = join(folder, 'gateway.pem');
  writeFileSync(PRIVATE_KEY, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const jwks = { keys: [publicKey.export({ format: 'jwk' }) as ClientKey] };
  const client = { name: 'The Gateway', redirectUris: [`${origin}/callback`], jwks, vouches: true };
  const { clientId: CLIENT_ID } = (await stage.stack.operator.registerClient(portal.id, client)).success();
  const ISSUER = `${stage.stack.origin}/p/${portal.id}`;
  example = spawn(process.execPath, [join(ROOT, 'dist/examples/gateway-oidc/gateway-oidc.js')], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', ISSUER, CLIENT_ID, PRIVATE_KEY, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // it says where it listens
  await once(example.stdout!, 'data');
});
afterAll(async () => {
  example.kill();
  await once(example, 'exit');
  rmSync(folder, { recursive: true, force: true });
});

describe('the example of a gateway that hands people over', () => {
  it('R34 checks the password itself, and lets in who has passed the second factor', async () => {
    const gateway = await HandingGateway.open(portal, stage.stack.origin);
    const ada = await Vouched.enrolled(gateway, stage.stack.origin, { externalId: 'u-1042', username: 'ada' });
    await gateway.close();
    const screen = await stage.open();
    const refused = await screen.page.request.post(`${origin}/login`, { data: { username: 'ada', password: 'wrong' } });
    expect(refused.status()).toBe(401);
    const sent = await screen.page.request.post(`${origin}/login`, {
      data: { username: 'ada', password: 'ada likes long passwords' },
      maxRedirects: 0,
    });
    expect(sent.status()).toBe(302);
    await screen.page.goto(sent.headers().location!);
    await screen.see(t('handOver.for.pass', { application: 'The Gateway' }));
    await screen.enterCode(ada.phone.freshCode());
    await screen.see('"complete"');
    expect(await (await screen.page.request.get(`${origin}/`)).text()).toBe('ada');
  });

  it('R34 lets nobody in who comes back without, or by the login of another', async () => {
    for (const path of ['/', '/callback?code=x&state=y']) expect((await fetch(origin + path)).status).toBe(401);
  });
});
