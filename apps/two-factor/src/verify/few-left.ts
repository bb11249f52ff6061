/** Says how many backup codes are left when they are few (R10). */
export const fewLeft = (backupCodesLeft: number): { backupCodesLeft?: number } =>
  backupCodesLeft <= 3 ? { backupCodesLeft } : {};
