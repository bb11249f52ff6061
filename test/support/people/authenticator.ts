import { createHmac } from 'node:crypto';
import type { TestClock } from '../clock.js';

/** A TOTP app as a user has one, written from RFC 6238 alone: nothing of the product is in it. */
export class Authenticator {
  readonly secret: Buffer;
  readonly period: number;
  readonly algorithm: string;
  readonly digits: number;

  constructor(
    readonly uri: string,
    private readonly clock: TestClock,
    /** The time step of the last code that the account was shown, by this secret or one before. */
    private lastStep = 0,
  ) {
    const parameters = new URL(uri).searchParams;
    this.secret = fromBase32(parameters.get('secret') ?? '');
    this.period = Number(parameters.get('period'));
    this.algorithm = (parameters.get('algorithm') ?? 'SHA1').toLowerCase();
    this.digits = Number(parameters.get('digits') ?? 6);
  }

  /** Of codes whose time step began at or before that time, in seconds, none is fresh. */
  skipUntil(seconds: number): void {
    this.lastStep = Math.max(this.lastStep, Math.floor(seconds / this.period));
  }

  get lastShown(): number {
    return this.lastStep;
  }

  get base32(): string {
    return new URL(this.uri).searchParams.get('secret') ?? '';
  }

  codeAt(step: number): string {
    return codeAt(this.secret, step, this.algorithm, this.digits);
  }

  /** A right code that was never shown before; the clock moves on when this time step's was. */
  freshCode(): string {
    this.clock.advanceToStep(this.lastStep + 1, this.period);
    return this.currentCode();
  }

  /** The code of the present step, noted as shown. */
  currentCode(): string {
    return this.show(this.clock.step(this.period));
  }

  /** Digits that are the code of no step anywhere near. */
  wrongCode(): string {
    const step = this.clock.step(this.period);
    const near = new Set(Array.from({ length: 21 }, (_, i) => this.codeAt(step - 10 + i)));
    const most = 10 ** this.digits;
    const written = (code: number) => String(code).padStart(this.digits, '0');
    let guess = Number(this.codeAt(step));
    do guess = (guess + 111_119) % most;
    while (near.has(written(guess)));
    return written(guess);
  }

  private show(step: number): string {
    this.lastStep = Math.max(this.lastStep, step);
    return this.codeAt(step);
  }
}

/** RFC 6238 §4. */
export function codeAt(secret: Buffer, step: number, algorithm = 'sha1', digits = 6): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac(algorithm, secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits).padStart(digits, '0');
}

/** RFC 4648 §6. */
export function fromBase32(text: string): Buffer {
  const bits = [...text.replaceAll(/[\s=-]/g, '')]
    .map((letter) => {
      const value = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter);
      if (value < 0) throw new Error(`not Base32: ${letter}`);
      return value.toString(2).padStart(5, '0');
    })
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}
