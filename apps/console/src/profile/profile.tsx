import { useSuspenseQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { me } from '../api/queries.js';
import { Badge, Card, Facts, Page } from '../parts/surface.js';
import { MySessions } from './my-sessions.js';
import { PasswordChange } from './password-change.js';
import { TwoFactor } from './two-factor.js';

/** My Profile → General. */
export function Profile() {
  const { t } = useTranslation();
  const { data: account } = useSuspenseQuery(me);
  return (
    <Page title={t('profile.title')}>
      <Card title={t('profile.general')}>
        <Facts
          facts={[
            [t('account.username'), account.username],
            [t('account.displayName'), account.displayName ?? t('account.none')],
            [t('account.email'), account.email ?? t('account.none')],
            [
              t('account.role'),
              <span key="role" className="row">
                {t(`account.${account.type}`)}
                {account.admin && <Badge tone="good">{t('account.administrator')}</Badge>}
              </span>,
            ],
          ]}
        />
      </Card>
      <TwoFactor />
      <PasswordChange />
      <MySessions portal={account.portal} username={account.username} />
    </Page>
  );
}
