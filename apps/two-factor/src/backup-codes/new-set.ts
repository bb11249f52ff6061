import {
  hashBackupCode,
  newBackupCodes,
  normalizeBackupCode,
  serializeHashes,
} from '#libs/secrets/src/backup-codes.js';
import { backupCodes } from '#libs/contracts/src/limits.js';

/** Ten new codes as they are shown this once, and what the vault keeps of them (R10). */
export function newBackupCodeSet(setId: string): { codes: string[]; hashes: Buffer } {
  const codes = newBackupCodes(backupCodes.ofASet);
  return { codes, hashes: serializeHashes(codes.map((code) => hashBackupCode(setId, normalizeBackupCode(code)!))) };
}
