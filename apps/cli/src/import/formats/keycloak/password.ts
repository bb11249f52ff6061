import { z } from 'zod';
import type { Refusal } from '../format.js';

const secret = z.object({ value: z.base64().min(1), salt: z.base64().min(1) });
/** Parameters come as lists of one text. */
const parameter = z
  .array(z.string())
  .min(1)
  .transform(([first]) => first!);
const hash = z.object({
  hashIterations: z.int().positive(),
  algorithm: z.string(),
  additionalParameters: z
    .object({ type: parameter, version: parameter, memory: parameter, parallelism: parameter })
    .partial()
    .default({}),
});

/** By the names of Keycloak's providers. */
const pbkdf2 = new Map([
  ['pbkdf2', 'pbkdf2-sha1'],
  ['pbkdf2-sha256', 'pbkdf2-sha256'],
  ['pbkdf2-sha512', 'pbkdf2-sha512'],
]);
const argon2Versions = new Map([
  ['1.0', 0x10],
  ['1.3', 0x13],
]);

/**
 * The PHC string (https://github.com/P-H-C/phc-string-format) of a credential of type `password`. Which costs may be, the call
 * says.
 */
export function passwordHashOf(secretData: unknown, credentialData: unknown): string | Refusal {
  const { data: kept } = secret.safeParse(secretData);
  if (kept === undefined) return { field: 'secretData', code: 'malformed' };
  const { data } = hash.safeParse(credentialData);
  if (data === undefined) return { field: 'credentialData', code: 'malformed' };
  const { algorithm, hashIterations, additionalParameters } = data;
  const end = `${unpadded(kept.salt)}$${unpadded(kept.value)}`;
  const pbkdf2Name = pbkdf2.get(algorithm);
  if (pbkdf2Name !== undefined) {
    const length = Buffer.from(kept.value, 'base64').length;
    return `$${pbkdf2Name}$i=${hashIterations},l=${length}$${end}`;
  }
  if (algorithm !== 'argon2') return { field: 'credentialData.algorithm', code: 'hash-unsupported' };
  const { type = 'id', version = '1.3', memory, parallelism } = additionalParameters;
  const v = argon2Versions.get(version);
  if (v === undefined || memory === undefined || parallelism === undefined)
    return { field: 'credentialData', code: 'malformed' };
  return `$argon2${type}$v=${v}$m=${memory},t=${hashIterations},p=${parallelism}$${end}`;
}

const unpadded = (base64: string): string => base64.replace(/=+$/, '');
