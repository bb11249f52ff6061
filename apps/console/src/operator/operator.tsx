import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { operatorSession } from '../api/client.js';
import { codeOf } from '../api/problem.js';
import { portals } from '../api/queries.js';
import { type FieldOf, useRefusal, useSentences } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { PasswordField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Card, Failure, Loading, Page } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';
import { Gate } from '../shell/gate.js';
import { NewPortal } from './new-portal.js';
import { Portals } from './portals.js';

/** Who runs the installation: portals and add-ons. */
export function Operator() {
  const { t } = useTranslation();
  const { say } = useSentences();
  const queries = useQueryClient();
  const found = useQuery(portals);

  async function leave() {
    try {
      await operatorSession.end();
    } catch (error) {
      return tell(say(error), 'danger');
    }
    queries.removeQueries({ queryKey: portals.queryKey });
    await found.refetch();
    tell(t('operator.left'));
  }

  if (found.isError && codeOf(found.error) === 'unauthenticated') {
    return (
      <Gate>
        <Token onDone={() => void found.refetch()} />
      </Gate>
    );
  }
  return (
    <Gate wide>
      <Page title={t('operator.title')} action={<Button onPress={() => void leave()}>{t('operator.leave')}</Button>}>
        <Card title={t('operator.portals')}>
          {found.isPending && <Loading />}
          {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
          {found.data && <Portals portals={found.data} />}
        </Card>
        {found.data && <NewPortal />}
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
