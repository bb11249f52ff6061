import { useTranslation } from 'react-i18next';
import { Table } from '../../parts/list/table.js';
import table from '../../parts/list/table.module.css';
import style from '../activity.module.css';
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
        <Table
          label={t('activity.chart')}
          items={some.map((count) => ({ ...count, id: String(count.at) }))}
          columns={[
            { label: t('activity.from'), names: true, className: table.time, cell: ({ at }) => time.format(at) },
            ...series.map((name) => ({
              label: t(`activity.series.${name}`),
              className: table.number,
              cell: (count: Count) => count[name],
            })),
          ]}
        />
        {some.length === 0 && <p className="muted">{t('activity.none')}</p>}
      </div>
    </details>
  );
}
