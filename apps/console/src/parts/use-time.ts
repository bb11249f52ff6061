import { useTranslation } from 'react-i18next';

/** Says a time (ISO 8601) as the reader's language and time zone have it, to the minute. */
export function useTime(): (at: string) => string {
  const { i18n } = useTranslation();
  const format = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' });
  return (at) => format.format(Date.parse(at));
}
