/** One encrypted secret outside the log. Immutable under its id, which events name. */
export interface VaultKey {
  readonly portal: string;
  readonly account: string;
  /** `secretId` of a TOTP secret, or `setId` of a set of backup codes. */
  readonly id: string;
}

/**
 * AES-256-GCM under the present key of the key ring; key id kept beside, portal, account and id bound as additional data.
 * Order of work: `put` (durable) → append the event that names the id → `keepOnly`. `put` and `touch` note that the account is
 * being worked on, so that after a crash `recover` can destroy what no event names, before the service is ready.
 */
export interface Vault {
  /** Encrypts and stores, and notes the account as touched, in one durable write. */
  put(key: VaultKey, plaintext: Buffer): Promise<void>;
  /** @throws VaultDamaged the entry cannot be decrypted: damaged, moved, or its key is not in the ring */
  get(key: VaultKey): Promise<Buffer | undefined>;
  /** Notes that entries of the account are about to lose their event. */
  touch(portal: string, account: string): Promise<void>;
  /** Destroys every entry of the account but these, then clears the note. */
  keepOnly(portal: string, account: string, ids: readonly string[]): Promise<void>;
  /** After a start: for each account noted, asks which ids its log names, and destroys the others. */
  recover(idsNamed: (portal: string, account: string) => Promise<readonly string[]>): Promise<number>;
}

export class VaultDamaged extends Error {
  override readonly name = 'VaultDamaged';
}
