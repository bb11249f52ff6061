import { useTranslation } from 'react-i18next';
import table from '../parts/list/table.module.css';
import style from './activity.module.css';
import { type Count, series } from './counts.js';

/** The chart for who cannot see it, and for who wants the numbers: intervals in which anything happened. */
export function CountsTable({ counts }: { counts: readonly Count[] }) {
  const { t, i18n } = useTranslation();
  const time = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' });
  const some = counts.filter((count) => series.some((name) => count[name] > 0));
  return (
    <details className={style.details}>
      <summary>{t('activity.asTable')}</summary>
      {/* a region that scrolls is reached by the keyboard too */}
      <div className={style.tall} role="region" aria-label={t('activity.asTable')} tabIndex={0}>
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">{t('activity.from')}</th>
              {series.map((name) => (
                <th key={name} scope="col" className={table.number}>
                  {t(`activity.series.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {some.map((count) => (
              <tr key={count.at}>
                <td className={table.time}>{time.format(count.at)}</td>
                {series.map((name) => (
                  <td key={name} className={table.number}>
                    {count[name]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {some.length === 0 && <p className="muted">{t('activity.none')}</p>}
      </div>
    </details>
  );
}
