import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Cell, Column, Row, Table, TableBody, TableHeader } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { portals as portalsQuery } from '../api/queries.js';
import { useSentences } from '../language/use-sentences.js';
import { Switch } from '../parts/fields/choice.js';
import { Empty } from '../parts/surface.js';
import table from '../parts/table.module.css';
import { tell } from '../parts/overlays/toast.js';

interface Portal {
  id: string;
  addOns: readonly string[];
}

const ADD_ON = 'enterprise-security';

export function Portals({ portals }: { portals: readonly Portal[] }) {
  const { t } = useTranslation();
  if (portals.length === 0) {
    return (
      <Empty icon="shield">
        <p>{t('operator.none')}</p>
      </Empty>
    );
  }
  return (
    <Table aria-label={t('operator.portals')} className={table.table}>
      <TableHeader>
        <Column isRowHeader>{t('login.portal')}</Column>
        <Column>{t('operator.addOn')}</Column>
      </TableHeader>
      <TableBody items={portals}>
        {(portal) => (
          <Row>
            <Cell>
              <span className={table.name}>{portal.id}</span>
            </Cell>
            <Cell textValue={t('operator.addOn')}>
              <AddOn portal={portal} />
            </Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

function AddOn({ portal: { id, addOns } }: { portal: Portal }) {
  const { t } = useTranslation();
  const { say } = useSentences();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const present = addOns.includes(ADD_ON);

  async function change(grant: boolean) {
    setBusy(true);
    const target = { params: { path: { portal: id } } };
    try {
      if (grant) await reply(api.PUT('/v1/portals/{portal}/add-ons/enterprise-security', target));
      else await reply(api.DELETE('/v1/portals/{portal}/add-ons/enterprise-security', target));
      tell(grant ? t('operator.granted', { portal: id }) : t('operator.revoked', { portal: id }));
    } catch (error) {
      tell(say(error), 'danger');
    }
    await queries.invalidateQueries({ queryKey: portalsQuery.queryKey });
    setBusy(false);
  }

  return (
    <Switch isSelected={present} isDisabled={busy} onChange={(grant) => void change(grant)}>
      {present ? t('operator.present') : t('operator.absent')}
      <span className="visually-hidden">: {t('operator.addOnOf', { portal: id })}</span>
    </Switch>
  );
}
