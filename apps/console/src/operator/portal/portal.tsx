import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { operatorApi, reply } from '../../api/client.js';
import type { ServiceToken } from '../../api/queries.js';
import { ButtonLink } from '../../parts/button.js';
import { Icon } from '../../parts/icon.js';
import { Ending } from '../../parts/overlays/ending.js';
import { Card } from '../../parts/surface.js';
import { ServiceTokens } from '../../service-tokens/service-tokens.js';
import { OperatorPage } from '../operator-page.js';
import { NewServiceToken } from './new-service-token.js';

/** A portal, as the operator sees it: which programs may do what in it. */
export function OperatorPortal({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const seeAgain = () => queries.invalidateQueries({ queryKey: ['operator', 'service-tokens', portal] });

  return (
    <OperatorPage
      title={portal}
      above={[{ href: '/operator', label: t('operator.portals') }]}
      action={
        <>
          <ButtonLink href={`/operator/portals/${portal}/accounts`}>
            <Icon name="users" />
            {t('operator.accounts')}
          </ButtonLink>
          <ButtonLink href={`/operator/portals/${portal}/clients`}>
            <Icon name="window" />
            {t('clients.title')}
          </ButtonLink>
        </>
      }
    >
      <Card title={t('serviceTokens.title')}>
        <p className="muted">{t('serviceTokens.what')}</p>
        <Ending<ServiceToken>
          idOf={({ id }) => id}
          end={({ id }) => {
            const params = { path: { portal, token: id } };
            return reply(operatorApi.DELETE('/v1/portals/{portal}/service-tokens/{token}', { params }));
          }}
          onDone={seeAgain}
          words={{
            end: t('serviceTokens.revoke'),
            endOne: (name) => t('serviceTokens.revokeOne', { name }),
            ask: (name) => t('serviceTokens.askRevoke', { name }),
            what: t('serviceTokens.askRevokeWhat'),
            ended: (name) => t('serviceTokens.revoked', { name }),
          }}
        >
          {(revoke) => <ServiceTokens portal={portal} by={operatorApi} action={revoke} />}
        </Ending>
      </Card>
      <NewServiceToken portal={portal} onDone={seeAgain} />
    </OperatorPage>
  );
}
