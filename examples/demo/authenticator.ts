import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';

/** An authenticator app of the demo's own: `oathtool` where it is installed, else ten lines of RFC 6238 that share nothing with the product. */
export class Authenticator {
  readonly name = hasOathtool() ? 'oathtool' : 'a small generator of the demo';
  readonly #key: string;

  constructor(otpauthUri: string) {
    this.#key = new URL(otpauthUri).searchParams.get('secret')!;
  }

  /** The code at that time, milliseconds. */
  codeAt(ms: number): string {
    const seconds = Math.floor(ms / 1000);
    if (this.name !== 'oathtool') return rfc6238(decodeBase32(this.#key), Math.floor(seconds / 30));
    const now = new Date(ms).toISOString().replace('T', ' ').slice(0, 19) + ' UTC';
    return execFileSync('oathtool', ['--totp', '--base32', '--now', now, '-'], { input: this.#key }).toString().trim();
  }

  /** Six digits that are no code now, a window before or a window after. */
  wrongCodeAt(ms: number): string {
    const right = [-30_000, 0, 30_000].map((offset) => this.codeAt(ms + offset));
    for (let guess = 0; ; guess++) {
      const code = String(guess).padStart(6, '0');
      if (!right.includes(code)) return code;
    }
  }
}

function hasOathtool(): boolean {
  try {
    execFileSync('oathtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function decodeBase32(text: string): Buffer {
  const bits = [...text]
    .map((char) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

function rfc6238(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', key).update(counter).digest();
  const code = (mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff) % 1_000_000;
  return String(code).padStart(6, '0');
}
