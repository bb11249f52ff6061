import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Account, settings } from '../api/queries.js';

/** Says how many failed attempts there are, of how many that lock the account (R22, R23). */
export function useFailedAttempts(portal: string): (person: Account) => string {
  const { t } = useTranslation();
  const limit = useQuery(settings(portal)).data?.maxFailedAttempts;
  return ({ failedAttempts: failed, lockedAt }) => {
    // after a lock that has ended by itself the count goes on, and the next lock comes at a number that only the server knows (R38)
    const isOfLimit = limit !== undefined && (failed < limit || (failed === limit && lockedAt !== undefined));
    return isOfLimit
      ? t('contributors.attemptsOf', { failed, count: limit })
      : t('contributors.attempts', { count: failed });
  };
}
