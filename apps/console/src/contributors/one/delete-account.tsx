import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { api, reply } from '../../api/client.js';
import { type Account, withoutAccount } from '../../api/queries.js';
import { Button } from '../../parts/button.js';
import { TextField } from '../../parts/fields/field.js';
import { Form } from '../../parts/fields/form.js';
import { useForm } from '../../parts/fields/use-form.js';
import { Dialog } from '../../parts/overlays/dialog.js';
import { tell } from '../../parts/overlays/toast.js';
import { Card } from '../../parts/surface.js';

interface Props {
  portal: string;
  person: Account;
  /** The contributors. */
  list: string;
}

/** For good (R42): it asks for the username, so that nobody deletes another account than they mean. */
export function DeleteAccount(props: Props) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  return (
    <Card title={t('contributors.delete.title')}>
      <p className="muted">{t('contributors.delete.what')}</p>
      <div>
        <Button look="danger" onPress={() => setAsked(true)}>
          {t('contributors.delete.begin')}
        </Button>
      </div>
      {asked && <DeleteDialog {...props} onClose={() => setAsked(false)} />}
    </Card>
  );
}

const empty = { confirmation: '' };

function DeleteDialog({ portal, person: { id, username }, list, onClose }: Props & { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const isMeant = (confirmation: string) => confirmation === username;
  const form = useForm({
    place: 'account',
    empty,
    async send({ confirmation }) {
      // Enter sends a form also while its button does nothing
      if (!isMeant(confirmation)) return;
      await reply(api.DELETE('/v1/portals/{portal}/accounts/{account}', { params: { path: { portal, account: id } } }));
      withoutAccount(queries, portal, id);
      tell(t('contributors.delete.done', { username }));
      navigate(list, { replace: true });
    },
  });
  const lost = ['access', 'events', 'username', 'never'] as const;

  return (
    <Dialog title={t('contributors.delete.ask', { username })} isOpen onClose={onClose}>
      <ul className="stack-s" style={{ paddingInlineStart: '1.25rem' }}>
        {lost.map((part) => (
          <li key={part}>{t(`contributors.delete.lost.${part}`)}</li>
        ))}
      </ul>
      <Form
        form={form}
        look="danger"
        submit={t('contributors.delete.confirm')}
        idle={!isMeant(form.typed.confirmation)}
        onCancel={onClose}
      >
        <TextField
          {...form.field('confirmation')}
          label={t('contributors.delete.type', { username })}
          autoFocus
          verbatim
          autoComplete="off"
        />
      </Form>
    </Dialog>
  );
}
