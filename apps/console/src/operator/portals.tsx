import { useQuery, useQueryClient } from '@tanstack/react-query';
import { memo, useState } from 'react';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { operatorApi, reply } from '../api/client.js';
import { portals } from '../api/queries.js';
import { ButtonLink } from '../parts/button.js';
import { Concerned } from '../parts/concerned.js';
import { Switch } from '../parts/fields/choice.js';
import { Icon } from '../parts/icon.js';
import { PagedList } from '../parts/list/paged-list.js';
import { usePages } from '../parts/list/pages.js';
import { Table } from '../parts/list/table.js';
import table from '../parts/list/table.module.css';
import { useAction } from '../parts/overlays/action.js';
import { Confirm } from '../parts/overlays/dialog.js';
import { tell } from '../parts/overlays/toast.js';
import { Card } from '../parts/surface.js';
import { NewPortal } from './new-portal.js';
import { OperatorPage } from './operator-page.js';

interface Portal {
  id: string;
  addOns: readonly string[];
}

const ADD_ON = 'enterprise-security';

/** All portals of the installation. */
export function Portals() {
  const { t } = useTranslation();
  const pages = usePages();
  return (
    <OperatorPage
      title={t('operator.title')}
      action={
        <ButtonLink href="/operator/installation">
          <Icon name="activity" />
          {t('installation.title')}
        </ButtonLink>
      }
    >
      <Card title={t('operator.portals')}>
        <PagedList
          pages={pages}
          found={useQuery(portals(pages.page))}
          itemsOf={(data) => data.portals}
          nameOf={({ id }) => id}
          icon="shield"
          words={{
            search: t('operator.search'),
            none: t('operator.none'),
            noneFound: t('operator.noneFound', pages.page),
          }}
        >
          {(found) => <PortalTable portals={found} />}
        </PagedList>
      </Card>
      <NewPortal />
    </OperatorPage>
  );
}

/** Apart from what is typed above it. */
const PortalTable = memo(function PortalTable({ portals: found }: { portals: readonly Portal[] }) {
  const { t } = useTranslation();
  return (
    <Table
      label={t('operator.portals')}
      items={found}
      columns={[
        {
          label: t('login.portal'),
          names: true,
          className: table.name,
          cell: ({ id }) => <Link href={`/operator/portals/${id}`}>{id}</Link>,
        },
        { label: t('operator.addOn'), cell: (portal) => <AddOn portal={portal} /> },
      ]}
    />
  );
});

function AddOn({ portal: { id, addOns } }: { portal: Portal }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const { running, run } = useAction(() => queries.invalidateQueries({ queryKey: ['operator', 'portals'] }));
  const present = addOns.includes(ADD_ON);
  const target = { params: { path: { portal: id } } };
  const grant = () =>
    run('grant', async () => {
      await reply(operatorApi.PUT('/v1/portals/{portal}/add-ons/enterprise-security', target));
      tell(t('operator.granted', { portal: id }));
    });
  const revoke = () =>
    run('revoke', async () => {
      await reply(operatorApi.DELETE('/v1/portals/{portal}/add-ons/enterprise-security', target));
      tell(t('operator.revoked', { portal: id }));
    });

  return (
    <>
      <Switch
        isSelected={present}
        // not disabled, which would lose the focus
        isReadOnly={running !== null}
        onChange={(on) => (on ? grant() : setAsked(true))}
      >
        {present ? t('operator.present') : t('operator.absent')}
        <span className="visually-hidden">: {t('operator.addOnOf', { portal: id })}</span>
      </Switch>
      <Confirm
        isOpen={asked}
        title={t('operator.askRevoke.title', { portal: id })}
        confirm={t('operator.askRevoke.ok')}
        onClose={() => setAsked(false)}
        onConfirm={revoke}
      >
        <Concerned portal={id} by={operatorApi} />
        <p>{t('operator.askRevoke.what')}</p>
      </Confirm>
    </>
  );
}
