import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { api } from '../api/client.js';
import { type ServiceToken, serviceTokens } from '../api/queries.js';
import { serverNow } from '../api/server-clock.js';
import { PagedList } from '../parts/list/paged-list.js';
import { usePages } from '../parts/list/pages.js';
import { Row, Rows } from '../parts/list/rows.js';
import { Badge } from '../parts/surface.js';
import { useTime } from '../parts/use-time.js';

interface Props {
  portal: string;
  by: typeof api;
  /** What can be done with each. */
  action?: (token: ServiceToken) => ReactNode;
}

/** Which programs may do what in the portal, and since when they did nothing; never a token. */
export function ServiceTokens({ portal, by, action }: Props) {
  const { t } = useTranslation();
  const pages = usePages();
  return (
    <PagedList
      pages={pages}
      found={useQuery(serviceTokens(portal, pages.page, by))}
      itemsOf={(data) => data.serviceTokens}
      nameOf={({ name }) => name}
      icon="shield"
      words={{ none: t('serviceTokens.none') }}
    >
      {(tokens) => (
        <Rows label={t('serviceTokens.title')}>
          {tokens.map((token) => (
            <Shown key={token.id} token={token} action={action?.(token)} />
          ))}
        </Rows>
      )}
    </PagedList>
  );
}

function Shown({ token, action }: { token: ServiceToken; action: ReactNode }) {
  const { t } = useTranslation();
  const time = useTime();
  const { name, scopes, publicKey, issuedAt, expiresAt, lastUsedAt } = token;
  const isOver = expiresAt !== undefined && Date.parse(expiresAt) <= serverNow();
  return (
    <Row
      name={name}
      badge={isOver && <Badge tone="warn">{t('serviceTokens.expired')}</Badge>}
      lines={[
        [
          ...scopes.map((scope) => t(`serviceTokens.scope.${scope}.label`)),
          publicKey ? t('serviceTokens.signs') : undefined,
        ],
        [
          t('serviceTokens.issued', { time: time(issuedAt) }),
          lastUsedAt ? t('serviceTokens.lastUsed', { time: time(lastUsedAt) }) : t('serviceTokens.neverUsed'),
          expiresAt && t('serviceTokens.until', { time: time(expiresAt) }),
        ],
      ]}
      action={action}
    />
  );
}
