import { useSuspenseQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Account, me } from '../api/queries.js';
import { Badge, Card, Facts, Notice, Page } from '../parts/surface.js';
import { useTime } from '../parts/use-time.js';
import { MyBrowsers } from './my-browsers.js';
import { MySessions } from './my-sessions.js';
import { PasswordChange } from './password-change.js';
import { TwoFactor } from './two-factor.js';

/** My Profile → General. */
export function Profile() {
  const { t } = useTranslation();
  const time = useTime();
  const { data: account } = useSuspenseQuery(me);
  const { enrolmentRequired: enrolling = false, graceEndsAt } = account;
  return (
    <Page title={enrolling ? t('twoFactor.required.title') : t('profile.title')}>
      {enrolling && (
        <Notice tone="warn" live>
          {t('twoFactor.required.now')}
        </Notice>
      )}
      {!enrolling && graceEndsAt && (
        <Notice tone="warn">{t('twoFactor.required.until', { until: time(graceEndsAt) })}</Notice>
      )}
      {!enrolling && <General account={account} />}
      {/* keeps its place: what it shows once stays when the session can do everything again */}
      <TwoFactor person={account} enrolling={enrolling} />
      {!enrolling && <PasswordChange />}
      {!enrolling && <MyBrowsers username={account.username} />}
      {!enrolling && <MySessions portal={account.portal} username={account.username} />}
    </Page>
  );
}

function General({ account }: { account: Pick<Account, 'username' | 'displayName' | 'email' | 'type' | 'admin'> }) {
  const { t } = useTranslation();
  return (
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
  );
}
