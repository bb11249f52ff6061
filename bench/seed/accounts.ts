import { createHash } from 'node:crypto';
import type { Person } from '#libs/contracts/src/events/identity.js';
import { codeAt, timeStepAt } from '#libs/totp/src/totp.js';

export const PORTAL = 'bench';
export const LIMIT = 100;
/** Wrong codes of an account before its right one: far from the limit, so that none is locked. */
export const WRONG_CODES = 20;
export const ATTEMPTS = WRONG_CODES + 1;

/** Accounts are numbered; what belongs to one follows from its number, in every process of the benchmarks. */
const digest = (what: string, index: number): Buffer => createHash('sha256').update(`${what} ${index}`).digest();

export const accountId = (index: number): string =>
  digest('account', index)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

const GIVEN = 'Ana Björn Chloé Dmitri Emma Fatima Giovanni Hannah Ingrid José Kofi Łucja'.split(' ');
const FAMILY = 'Andersson Brown Castellanos Díaz Fernández Kowalska López Müller Okafor Zhang'.split(' ');

export function personOf(index: number): Person {
  const [given = '', family = ''] = [GIVEN, FAMILY].map((names, n) => names[digest('name', index)[n]! % names.length]!);
  const username = `${given}.${family}.${index}`
    .normalize('NFD')
    .replace(/[^\w.]/g, '')
    .toLowerCase();
  return { username, displayName: `${given} ${family}`, email: `${username}@mail.example` };
}

export const secretOf = (index: number): Buffer => digest('secret', index).subarray(0, 20);

/** Codes that are those of no step from two minutes ago until five minutes from now. */
export function wrongCodesOf(secret: Buffer, now: number, count: number, from = 0): string[] {
  const step = timeStepAt(now);
  const near = new Set(Array.from({ length: 15 }, (_, offset) => codeAt(secret, step - 4 + offset)));
  const wrong: string[] = [];
  for (let guess = from; wrong.length < count; guess += 104_729) {
    const code = String(guess % 1_000_000).padStart(6, '0');
    if (!near.has(code)) wrong.push(code);
  }
  return wrong;
}

/** Wrong codes, and that of the next time step, which is right from now on and for at least half a minute more. */
export function codesOf(index: number, now: number): { wrong: string[]; right: string } {
  const secret = secretOf(index);
  return { wrong: wrongCodesOf(secret, now, WRONG_CODES, index), right: codeAt(secret, timeStepAt(now) + 1) };
}
