/** One encrypted secret outside the log. Immutable under its id, which events name. */
export interface VaultKey {
  readonly portal: string;
  readonly account: string;
  /** `secretId` of a TOTP secret, or `setId` of a set of backup codes. Never used again. */
  readonly id: string;
}

/** Asks for the ids of an account's entries that its log names now. */
export type IdsNamed = () => Promise<readonly string[]>;

/**
 * AES-256-GCM under the present key of the key ring; key id kept beside, portal, account and id bound as additional data.
 * Order of work: `put` the new, `touch` what loses its event (both durable) → append the event → `keepOnly`. Both note the
 * entry, so that after a crash `recover` can destroy what no event names, before the service is ready.
 * A decision that appended nothing calls `destroy` for what it had put.
 */
export interface Vault {
  /** Notes the entry as new, then encrypts and stores it; both are durable. `plaintext` stays the caller's to zero. */
  put(key: VaultKey, plaintext: Buffer): Promise<void>;
  /** The caller zeroes what it gets. @throws VaultDamaged damaged, moved, or encrypted by a key that is not in the ring */
  get(key: VaultKey): Promise<Buffer | undefined>;
  /** Notes that these entries of the account are about to lose their event. */
  touch(portal: string, account: string, ids: readonly string[]): Promise<void>;
  /**
   * Destroys every entry of the account that is not named, and clears the notes of what this settles. Spares what another
   * command has put and not yet appended. `idsNamed` is asked after the entries were listed, so that nothing named in
   * between is destroyed.
   */
  keepOnly(portal: string, account: string, idsNamed: IdsNamed): Promise<void>;
  /** Destroys exactly these; none of them may be named any more, or ever. */
  destroy(portal: string, account: string, ids: readonly string[]): Promise<void>;
  /**
   * For each account noted, asks which ids its log names now (its snapshot may not be older than the log), and destroys the
   * others. Spares what a command that is under way may still name: one of another process, and when this one is serving, of
   * this. Returns how many were destroyed. Ends at an account that fails, unless this process is serving.
   */
  recover(
    idsNamed: (portal: string, account: string) => Promise<readonly string[]>,
    serving?: Serving,
  ): Promise<number>;
}

/** The accounts are served already, and one must not keep the others waiting. */
export interface Serving {
  /** An account that is passed over until the next time. */
  readonly failed: (portal: string, account: string, error: unknown) => void;
}

/** The entry cannot be decrypted. Says which, never what was in it. */
export class VaultDamaged extends Error {
  override readonly name = 'VaultDamaged';
}
