import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { operatorApi, reply } from '../../api/client.js';
import type { Account } from '../../api/queries.js';
import { Form } from '../../parts/fields/form.js';
import { useForm } from '../../parts/fields/use-form.js';
import { Dialog } from '../../parts/overlays/dialog.js';
import { ShownOnce } from '../../parts/overlays/shown-once.js';
import { useTime } from '../../parts/use-time.js';

interface Props {
  portal: string;
  person: Account;
  onClose: () => void;
}

/** A link by which the person sets a password (R43): asks, makes it, and shows it this once. */
export function PasswordLink({ portal, person: { id, username }, onClose }: Props) {
  const { t } = useTranslation();
  const time = useTime();
  const [made, setMade] = useState<{ url: string; expiresAt: string } | null>(null);
  const form = useForm({
    place: 'passwordLink',
    async send() {
      const params = { path: { portal, account: id } };
      const link = await reply(operatorApi.POST('/v1/portals/{portal}/accounts/{account}/password-links', { params }));
      if (!('url' in link)) throw new TypeError('a link is shown to the operator');
      // a path alone, where the product does not know its own address
      setMade({ ...link, url: new URL(link.url, location.origin).href });
    },
  });

  return (
    <Dialog title={t('passwordLink.title', { username })} isOpen stays={made !== null} onClose={onClose}>
      {made ? (
        <ShownOnce secret={made.url} what={t('passwordLink.made', { time: time(made.expiresAt) })} onClose={onClose} />
      ) : (
        <Form form={form} submit={t('passwordLink.create')} onCancel={onClose}>
          <p>{t('passwordLink.what')}</p>
        </Form>
      )}
    </Dialog>
  );
}
