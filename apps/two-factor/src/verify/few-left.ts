import { backupCodes } from '#libs/contracts/src/rules.js';

/** Says how many backup codes are left when they are few (R10). */
export const fewLeft = (backupCodesLeft: number): { backupCodesLeft?: number } =>
  backupCodesLeft <= backupCodes.few ? { backupCodesLeft } : {};
