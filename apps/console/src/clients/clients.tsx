import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { api } from '../api/client.js';
import { type Client, clients } from '../api/queries.js';
import { PagedList } from '../parts/list/paged-list.js';
import { usePages } from '../parts/list/pages.js';
import { Row, Rows } from '../parts/list/rows.js';
import { useTime } from '../parts/use-time.js';

interface Props {
  portal: string;
  by: typeof api;
  /** What can be done with each. */
  action?: (client: Client) => ReactNode;
}

/** How an application proves who it is. */
export type Proof = 'secret' | 'public' | 'signs';
const proofOf = (client: Client): Proof => (client.public ? 'public' : client.jwks ? 'signs' : 'secret');

/** The applications that people log in to with their account of the portal; never a secret. */
export function Clients({ portal, by, action }: Props) {
  const { t } = useTranslation();
  const pages = usePages();
  return (
    <PagedList
      pages={pages}
      found={useQuery(clients(portal, pages.page, by))}
      itemsOf={(data) => data.clients}
      nameOf={({ name }) => name}
      icon="window"
      words={{ none: t('clients.none') }}
    >
      {(found) => (
        <Rows label={t('clients.title')}>
          {found.map((client) => (
            <Shown key={client.clientId} client={client} action={action?.(client)} />
          ))}
        </Rows>
      )}
    </PagedList>
  );
}

function Shown({ client, action }: { client: Client; action: ReactNode }) {
  const { t } = useTranslation();
  const time = useTime();
  const { name, clientId, redirectUris, postLogoutRedirectUris, vouches, registeredAt, lastUsedAt } = client;
  return (
    <Row
      name={name}
      lines={[
        [t('clients.id', { id: clientId })],
        [
          `${t('clients.kind')}: ${t(`clients.proves.${proofOf(client)}.label`)}`,
          vouches ? t('clients.vouches.label') : undefined,
        ],
        [...new Set([...redirectUris, ...postLogoutRedirectUris])],
        [
          t('clients.registered', { time: time(registeredAt) }),
          lastUsedAt ? t('serviceTokens.lastUsed', { time: time(lastUsedAt) }) : t('serviceTokens.neverUsed'),
        ],
      ]}
      action={action}
    />
  );
}
