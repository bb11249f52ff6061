import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { api } from '../api/client.js';
import { summary } from '../api/queries.js';

/** How many people of a portal log in with a code, for who is about to end that. */
export function Concerned({ portal, by }: { portal: string; by: typeof api }) {
  const { t } = useTranslation();
  const { data, isError } = useQuery(summary(portal, by));
  if (isError) return <p>{t('concerned.unknown')}</p>;
  if (!data) return <p role="status">{t('concerned.counting')}</p>;
  const { enabled: count } = data;
  return <p role="status">{count === 0 ? t('concerned.nobody') : t('concerned.people', { count })}</p>;
}
