import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { operatorSession } from '../api/client.js';
import { codeOf } from '../api/problem.js';
import { portals } from '../api/queries.js';
import type { FieldOf } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { PasswordField } from '../parts/fields/field.js';
import { Form } from '../parts/fields/form.js';
import { useForm } from '../parts/fields/use-form.js';
import { Card, Page } from '../parts/surface.js';
import { usePages } from '../parts/list/pages.js';
import { useAction } from '../parts/overlays/action.js';
import { tell } from '../parts/overlays/toast.js';
import { Gate } from '../shell/gate.js';
import { NewPortal } from './new-portal.js';
import { Portals } from './portals.js';

/** Who runs the installation: portals and add-ons. */
export function Operator() {
  const { t } = useTranslation();
  const { run } = useAction();
  const queries = useQueryClient();
  const pages = usePages();
  const { error } = useQuery(portals(pages.page));
  const lookAgain = () => queries.resetQueries({ queryKey: ['portals'] });
  const leave = () =>
    run('leave', async () => {
      await operatorSession.end();
      await lookAgain();
      tell(t('operator.left'));
    });

  if (codeOf(error) === 'unauthenticated') {
    return (
      <Gate>
        <Token onDone={() => void lookAgain()} />
      </Gate>
    );
  }
  return (
    <Gate wide>
      <Page title={t('operator.title')} action={<Button onPress={leave}>{t('operator.leave')}</Button>}>
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
  const form = useForm({
    place: 'operator',
    fieldOf,
    empty: { token: '' },
    async send({ token }) {
      await operatorSession.begin(token);
      onDone();
    },
  });

  return (
    <Page boxed keepFocus title={t('operator.title')}>
      <p className="muted">{t('operator.why')}</p>
      <Form form={form} layout="boxed" submit={t('action.continue')}>
        <PasswordField
          {...form.field('token')}
          label={t('operator.token')}
          hint={t('operator.tokenHint')}
          autoFocus
          autoComplete="off"
        />
      </Form>
    </Page>
  );
}
