import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { settings } from '../api/queries.js';
import { Select } from '../parts/fields/choice.js';
import type { usePages } from '../parts/list/pages.js';

/** As the server calls them, and as they stand in the address. */
export const filterNames = ['twoFactor', 'required', 'status', 'sort'] as const;
const ANY = 'any';

/** Which accounts are listed, and in which order. */
export function Filters({ portal, pages }: { portal: string; pages: ReturnType<typeof usePages> }) {
  const { page, setFilter } = pages;
  const { t } = useTranslation();
  const isRequired = useQuery(settings(portal)).data?.required === true;
  const any = { id: ANY, label: t('contributors.any') };
  const choice = (name: (typeof filterNames)[number]) => ({
    value: page.filter[name] ?? ANY,
    onChange: (id: string) => setFilter(name, id === ANY ? '' : id),
  });
  return (
    <div className="columns">
      <Select
        {...choice('twoFactor')}
        label={t('contributors.twoFactor')}
        options={[
          any,
          ...(['enabled', 'pending', 'none'] as const).map((id) => ({ id, label: t(`twoFactor.status.${id}`) })),
        ]}
      />
      {(isRequired || page.filter.required) && (
        <Select
          {...choice('required')}
          label={t('contributors.required')}
          options={[
            any,
            ...(['overdue', 'in-grace', 'not-started'] as const).map((id) => ({
              id,
              label: t(`contributors.due.${id}`),
            })),
          ]}
        />
      )}
      <Select
        {...choice('status')}
        label={t('contributors.state')}
        options={[
          any,
          ...(['active', 'locked', 'suspended'] as const).map((id) => ({ id, label: t(`account.${id}`) })),
        ]}
      />
      <Select
        {...choice('sort')}
        label={t('contributors.sorted')}
        options={[
          { id: ANY, label: t('contributors.byName') },
          { id: '-lastLoginAt', label: t('contributors.byLastLogin') },
        ]}
      />
    </div>
  );
}
