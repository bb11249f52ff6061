import { createHash } from 'node:crypto';
import { codeAt, timeStepAt } from '#libs/totp/src/totp.js';

export const PORTAL = 'bench';
export const LIMIT = 100;

/** Accounts are numbered; what belongs to one follows from its number, in every process of the benchmarks. */
const digest = (what: string, index: number): Buffer => createHash('sha256').update(`${what} ${index}`).digest();

export const accountId = (index: number): string =>
  digest('account', index)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

export const secretOf = (index: number): Buffer => digest('secret', index).subarray(0, 20);

/**
 * The code of the next time step, which is right from now on and for at least half a minute more, and codes that are those
 * of no step from two minutes ago until five minutes from now.
 */
export function codesOf(index: number, now: number, wrongCodes: number): { wrong: string[]; right: string } {
  const secret = secretOf(index);
  const step = timeStepAt(now);
  const near = new Set(Array.from({ length: 15 }, (_, offset) => codeAt(secret, step - 4 + offset)));
  const wrong: string[] = [];
  for (let guess = index; wrong.length < wrongCodes; guess += 104_729) {
    const code = String(guess % 1_000_000).padStart(6, '0');
    if (!near.has(code)) wrong.push(code);
  }
  return { wrong, right: codeAt(secret, step + 1) };
}
