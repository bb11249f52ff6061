import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { operatorSession } from '../api/client.js';
import { codeOf } from '../api/problem.js';
import { portals } from '../api/queries.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { PasswordField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Card, Page } from '../parts/surface.js';
import { usePages } from '../parts/list/pages.js';
import { useComplaint } from '../parts/overlays/complaint.js';
import { tell } from '../parts/overlays/toast.js';
import { Gate } from '../shell/gate.js';
import { NewPortal } from './new-portal.js';
import { Portals } from './portals.js';

/** Who runs the installation: portals and add-ons. */
export function Operator() {
  const { t } = useTranslation();
  const complain = useComplaint();
  const queries = useQueryClient();
  const pages = usePages();
  const { error } = useQuery(portals(pages.page));

  async function leave() {
    try {
      await operatorSession.end();
    } catch (refused) {
      return complain(refused);
    }
    await queries.resetQueries({ queryKey: ['portals'] });
    tell(t('operator.left'));
  }

  if (codeOf(error) === 'unauthenticated') {
    return (
      <Gate>
        <Token onDone={() => void queries.resetQueries({ queryKey: ['portals'] })} />
      </Gate>
    );
  }
  return (
    <Gate wide>
      <Page title={t('operator.title')} action={<Button onPress={() => void leave()}>{t('operator.leave')}</Button>}>
        <Card title={t('operator.portals')}>
          <Portals pages={pages} />
        </Card>
        <NewPortal />
      </Page>
    </Gate>
  );
}

const fieldOf: FieldOf = { unauthenticated: 'token', 'malformed-request': 'token' };

function Token({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('operator', fieldOf);

  async function enter() {
    setBusy(true);
    refusal.clear();
    try {
      await operatorSession.begin(token);
      onDone();
    } catch (error) {
      refusal.show(error);
      setBusy(false);
    }
  }

  return (
    <Page boxed keepFocus title={t('operator.title')}>
      <p className="muted">{t('operator.why')}</p>
      <Form refusal={refusal} onSubmit={enter}>
        <PasswordField
          label={t('operator.token')}
          hint={t('operator.tokenHint')}
          name="token"
          isRequired
          autoFocus
          autoComplete="off"
          value={token}
          onChange={setToken}
        />
        <Refused refusal={refusal} />
        <Button look="primary" type="submit" busy={busy}>
          {t('action.continue')}
        </Button>
      </Form>
    </Page>
  );
}
