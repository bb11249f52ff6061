import { useTranslation } from 'react-i18next';
import { Notice } from '../surface.js';

/** Labels and present values of what the person has changed and somebody else has changed meanwhile. */
export function Conflicts({ now }: { now: readonly (readonly [label: string, value: string])[] }) {
  const { t } = useTranslation();
  return (
    <div role="status">
      {now.length > 0 && (
        <Notice tone="warn">
          <p>{t('field.conflict')}</p>
          {now.map(([label, value]) => (
            <p key={label}>{`${label}: ${value || t('account.none')}`}</p>
          ))}
        </Notice>
      )}
    </div>
  );
}
