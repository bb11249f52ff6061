import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { operatorApi, reply } from '../../api/client.js';
import type { Client } from '../../api/queries.js';
import { Clients } from '../../clients/clients.js';
import { Copyable } from '../../parts/fields/copyable.js';
import { Ending } from '../../parts/overlays/ending.js';
import { Card } from '../../parts/surface.js';
import { OperatorPage } from '../operator-page.js';
import { NewClient } from './new-client.js';

/** The applications that people log in to with their account of a portal. */
export function OperatorClients({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const seeAgain = () => queries.invalidateQueries({ queryKey: ['operator', 'clients', portal] });
  return (
    <OperatorPage
      title={t('clients.of', { portal })}
      above={[
        { href: '/operator', label: t('operator.portals') },
        { href: `/operator/portals/${portal}`, label: portal },
      ]}
    >
      <Card title={t('clients.title')}>
        <p className="muted">{t('clients.what')}</p>
        <Copyable
          text={new URL(`/p/${portal}`, location.origin).href}
          words={{ copy: t('clients.copyIssuer'), done: t('clients.issuerCopied') }}
          testId="issuer"
        />
        <Ending<Client>
          idOf={({ clientId }) => clientId}
          end={({ clientId: client }) => {
            const params = { path: { portal, client } };
            return reply(operatorApi.DELETE('/v1/portals/{portal}/clients/{client}', { params }));
          }}
          onDone={seeAgain}
          words={{
            end: t('clients.remove'),
            endOne: (name) => t('clients.removeOne', { name }),
            ask: (name) => t('clients.askRemove', { name }),
            what: t('clients.askRemoveWhat'),
            ended: (name) => t('clients.removed', { name }),
          }}
        >
          {(remove) => <Clients portal={portal} by={operatorApi} action={remove} />}
        </Ending>
      </Card>
      <NewClient portal={portal} onDone={seeAgain} />
    </OperatorPage>
  );
}
