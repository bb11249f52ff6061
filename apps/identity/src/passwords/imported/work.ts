/**
 * What a hash of another system takes to check. `cost`: for bcrypt and scrypt the base 2 logarithm of the rounds, so that one
 * more is twice the work; for the others the number of rounds.
 */
export type Work =
  | { readonly kdf: 'bcrypt'; readonly cost: number }
  /** RFC 8018 §5.2. */
  | { readonly kdf: 'pbkdf2'; readonly digest: 'sha1' | 'sha256' | 'sha512'; readonly cost: number }
  /** RFC 7914. */
  | { readonly kdf: 'scrypt'; readonly r: number; readonly p: number; readonly cost: number }
  /** RFC 9106; memory in KiB. */
  | { readonly kdf: 'argon2id'; readonly memory: number; readonly lanes: number; readonly cost: number };

/**
 * The kinds of imported hashes that a portal has, by name, each with its highest cost. Every check of a password there takes
 * the work of them all, so that its time tells of no account which it has (R15).
 */
export type Kinds = Readonly<Record<string, Work>>;

/** Work of one kind differs in its cost alone. */
export function kindOf({ cost: _cost, ...shape }: Work): string {
  return Object.values(shape).join(' ');
}

/** With that work. The same value where it changes nothing. */
export function withWork(kinds: Kinds, work: Work): Kinds {
  const kind = kindOf(work);
  return work.cost > (kinds[kind]?.cost ?? 0) ? { ...kinds, [kind]: work } : kinds;
}

const isDoubled = ({ kdf }: Work): boolean => kdf === 'bcrypt' || kdf === 'scrypt';

/** What is left to be done of the highest work of a kind when `own` of it is done; undefined: nothing is. */
export function restOf(highest: Work, own: Work | undefined): readonly Work[] {
  if (own === undefined) return [highest];
  const more = Math.max(0, highest.cost - own.cost);
  // 2^h − 2^o = 2^o + 2^(o+1) + … + 2^(h−1)
  const costs = isDoubled(highest)
    ? Array.from({ length: more }, (_, step) => own.cost + step)
    : more > 0
      ? [more]
      : [];
  return costs.map((cost) => ({ ...highest, cost }));
}
