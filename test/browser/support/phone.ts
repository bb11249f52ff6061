import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Authenticator } from '#test/support/people/authenticator.js';
import type { TestClock } from '#test/support/clock.js';
import { readQrCode } from '#test/support/people/qr.js';

const run = promisify(execFile);

/** What a phone's camera reads from a screenshot: by zbarimg where there is one, else by jsQR. Null: nothing. */
export async function readQrPhoto(png: Buffer): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'twinlock-photo-'));
  try {
    const path = join(folder, 'photo.png');
    writeFileSync(path, png);
    const { stdout } = await run('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', path]);
    return stdout.trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return null;
    return readQrCode(asSvg(png));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function asSvg(png: Buffer): string {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const picture = `<image width="${width}" height="${height}" href="data:image/png;base64,${png.toString('base64')}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">${picture}</svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}

/** The code that an app shows for the secret now: by oathtool where there is one, else by the tests' own RFC 6238. */
export async function appCode(otpauthUri: string, clock: TestClock): Promise<string> {
  const secret = new URL(otpauthUri).searchParams.get('secret') ?? '';
  try {
    const now = `--now=@${Math.floor(clock.now() / 1000)}`;
    return (await run('oathtool', ['--totp=sha1', '--base32', now, secret])).stdout.trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return new Authenticator(otpauthUri, clock).currentCode();
  }
}
