import { hash as digest } from 'node:crypto';
import { PasswordHasher, type StoredHash } from '#apps/identity/src/passwords/hasher.js';

const hashOf = (password: string): StoredHash => ({ hash: `cheap:${digest('sha256', password.normalize('NFC'))}` });

/** argon2id is slow on purpose, on threads of its own. What is simulated here is all but that. */
export function cheapPasswords(): void {
  Object.assign(PasswordHasher.prototype, {
    onModuleInit: async () => {},
    hash: async (password: string) => hashOf(password),
    verify: async (stored: StoredHash | null, password: string) => stored?.hash === hashOf(password).hash,
  } satisfies Partial<Record<keyof PasswordHasher, unknown>>);
}
