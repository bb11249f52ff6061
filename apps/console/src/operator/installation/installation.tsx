import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { installation } from '../../api/queries.js';
import { Loaded } from '../../parts/loaded.js';
import { Card } from '../../parts/surface.js';
import { OperatorPage } from '../operator-page.js';
import { Apps } from './apps.js';
import { DeadLetters } from './dead-letters.js';
import { Keys } from './keys.js';
import { LastVerification } from './last-verification.js';

/** How the installation is: whether its apps are ready, and what waits for the operator. */
export function InstallationPage() {
  const { t } = useTranslation();
  const found = useQuery(installation);
  return (
    <OperatorPage title={t('installation.title')} above={[{ href: '/operator', label: t('operator.title') }]}>
      <Loaded of={found} lines={6}>
        {({ apps, verification }) => (
          <>
            <Card title={t('installation.apps')}>
              <Apps apps={apps} />
            </Card>
            <Card title={t('installation.deadLetters')}>
              <DeadLetters apps={apps} />
            </Card>
            <Card title={t('installation.keys')}>
              <Keys apps={apps} />
            </Card>
            <Card title={t('installation.logs')}>
              <LastVerification verification={verification} />
            </Card>
          </>
        )}
      </Loaded>
    </OperatorPage>
  );
}
