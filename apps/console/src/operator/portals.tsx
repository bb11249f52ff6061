import { useQuery, useQueryClient } from '@tanstack/react-query';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { operatorApi, reply } from '../api/client.js';
import { portals } from '../api/queries.js';
import { Concerned } from '../parts/concerned.js';
import { Switch } from '../parts/fields/choice.js';
import { SearchField } from '../parts/fields/field.js';
import { Pages, type usePages } from '../parts/list/pages.js';
import { Empty, Failure, Loading } from '../parts/surface.js';
import { Table } from '../parts/list/table.js';
import table from '../parts/list/table.module.css';
import { useComplaint } from '../parts/overlays/complaint.js';
import { Confirm } from '../parts/overlays/dialog.js';
import { tell } from '../parts/overlays/toast.js';

interface Portal {
  id: string;
  addOns: readonly string[];
}

const ADD_ON = 'enterprise-security';

export function Portals({ pages }: { pages: ReturnType<typeof usePages> }) {
  const { t } = useTranslation();
  const { data, isPending, isError, error, refetch } = useQuery(portals(pages.page));
  const { query } = pages.page;
  const found = data?.portals;
  return (
    <>
      <SearchField label={t('operator.search')} value={pages.typed} onChange={pages.setTyped} />
      {isPending && <Loading />}
      {isError && !found && <Failure error={error} retry={pages.again(refetch)} />}
      {found?.length === 0 && (
        <Empty icon="shield">
          <p>{query ? t('operator.noneFound', { query }) : t('operator.none')}</p>
        </Empty>
      )}
      {found && found.length > 0 && <PortalTable portals={found} />}
      {found && <Pages pages={pages} next={data.next} from={found[0]?.id ?? ''} to={found.at(-1)?.id ?? ''} />}
    </>
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
        { label: t('login.portal'), names: true, className: table.name, cell: ({ id }) => id },
        { label: t('operator.addOn'), cell: (portal) => <AddOn portal={portal} /> },
      ]}
    />
  );
});

function AddOn({ portal: { id, addOns } }: { portal: Portal }) {
  const { t } = useTranslation();
  const complain = useComplaint();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState(false);
  const present = addOns.includes(ADD_ON);

  async function change(grant: boolean) {
    setBusy(true);
    const target = { params: { path: { portal: id } } };
    try {
      if (grant) await reply(operatorApi.PUT('/v1/portals/{portal}/add-ons/enterprise-security', target));
      else await reply(operatorApi.DELETE('/v1/portals/{portal}/add-ons/enterprise-security', target));
      tell(grant ? t('operator.granted', { portal: id }) : t('operator.revoked', { portal: id }));
    } catch (error) {
      complain(error);
    }
    await queries.invalidateQueries({ queryKey: ['portals'] });
    setBusy(false);
  }

  return (
    <>
      <Switch
        isSelected={present}
        // not disabled, which would lose the focus
        isReadOnly={busy}
        onChange={(grant) => (grant ? void change(true) : setAsked(true))}
      >
        {present ? t('operator.present') : t('operator.absent')}
        <span className="visually-hidden">: {t('operator.addOnOf', { portal: id })}</span>
      </Switch>
      <Confirm
        isOpen={asked}
        title={t('operator.askRevoke.title', { portal: id })}
        confirm={t('operator.askRevoke.ok')}
        onClose={() => setAsked(false)}
        onConfirm={() => void change(false)}
      >
        <Concerned portal={id} by={operatorApi} />
        <p>{t('operator.askRevoke.what')}</p>
      </Confirm>
    </>
  );
}
