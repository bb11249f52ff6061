import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { operatorApi, reply } from '../../api/client.js';
import type { ServiceToken } from '../../api/queries.js';
import { Button, ButtonLink } from '../../parts/button.js';
import { Icon } from '../../parts/icon.js';
import { useAction } from '../../parts/overlays/action.js';
import { Confirm } from '../../parts/overlays/dialog.js';
import { tell } from '../../parts/overlays/toast.js';
import { Card } from '../../parts/surface.js';
import { ServiceTokens } from '../../service-tokens/service-tokens.js';
import { OperatorPage } from '../operator-page.js';
import { NewServiceToken } from './new-service-token.js';

/** A portal, as the operator sees it: which programs may do what in it. */
export function OperatorPortal({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<ServiceToken | null>(null);
  const seeAgain = () => queries.invalidateQueries({ queryKey: ['operator', 'service-tokens', portal] });
  const { running, run } = useAction(seeAgain);
  const revoke = ({ id, name }: ServiceToken) =>
    run(id, async () => {
      const params = { path: { portal, token: id } };
      await reply(operatorApi.DELETE('/v1/portals/{portal}/service-tokens/{token}', { params }));
      tell(t('serviceTokens.revoked', { name }));
    });

  return (
    <OperatorPage
      title={portal}
      above={[{ href: '/operator', label: t('operator.portals') }]}
      action={
        <ButtonLink href={`/operator/portals/${portal}/accounts`}>
          <Icon name="users" />
          {t('operator.accounts')}
        </ButtonLink>
      }
    >
      <Card title={t('serviceTokens.title')}>
        <p className="muted">{t('serviceTokens.what')}</p>
        <ServiceTokens
          portal={portal}
          by={operatorApi}
          action={(token) => (
            <Button
              aria-label={t('serviceTokens.revokeOne', { name: token.name })}
              busy={running === token.id}
              idle={running !== null}
              onPress={() => setAsked(token)}
            >
              {t('serviceTokens.revoke')}
            </Button>
          )}
        />
      </Card>
      <NewServiceToken portal={portal} onDone={seeAgain} />
      {asked && (
        <Confirm
          isOpen
          title={t('serviceTokens.askRevoke', { name: asked.name })}
          confirm={t('serviceTokens.revoke')}
          onClose={() => setAsked(null)}
          onConfirm={() => revoke(asked)}
        >
          <p>{t('serviceTokens.askRevokeWhat')}</p>
        </Confirm>
      )}
    </OperatorPage>
  );
}
