import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Account } from '../../api/queries.js';
import { Button } from '../../parts/button.js';
import { Form } from '../../parts/fields/form.js';
import { useForm } from '../../parts/fields/use-form.js';
import { Row, Rows } from '../../parts/list/rows.js';
import { Dialog } from '../../parts/overlays/dialog.js';
import { MakeLink } from '../../parts/overlays/make-link.js';
import { tell } from '../../parts/overlays/toast.js';
import { Card } from '../../parts/surface.js';
import { loginLink } from '../../shell/places.js';
import { issueLoginToken, sendPasswordLink } from '../commands.js';

interface Props {
  portal: string;
  person: Account;
}

/** For a person who cannot log in as ever. */
export function Links({ portal, person }: Props) {
  const { t } = useTranslation();
  const { id, username, status } = person;
  const barred = status !== 'active';
  const [asked, setAsked] = useState<'password' | 'login' | null>(null);
  const close = () => setAsked(null);
  return (
    <Card title={t('links.title')}>
      <p className="muted">{barred ? t('links.barred') : t('links.what')}</p>
      <Rows label={t('links.title')}>
        <Row
          name={t('passwordLink.name')}
          lines={[[t('passwordLink.short')]]}
          action={
            <Button idle={barred} onPress={() => setAsked('password')}>
              {t('bulk.sendLink.begin')}
            </Button>
          }
        />
        <Row
          name={t('loginLink.name')}
          lines={[[t('loginLink.short')]]}
          action={
            <Button idle={barred} onPress={() => setAsked('login')}>
              {t('loginLink.create')}
            </Button>
          }
        />
      </Rows>
      {asked === 'password' && <SendPasswordLink portal={portal} person={person} onClose={close} />}
      {asked === 'login' && (
        <MakeLink
          place="loginLink"
          title={t('loginLink.title', { username })}
          what={t('loginLink.what')}
          submit={t('loginLink.create')}
          make={async () => {
            const { token, expiresAt } = await issueLoginToken(portal, id);
            return { url: location.origin + loginLink(portal, token), expiresAt };
          }}
          made={(time) => t('loginLink.made', { time })}
          onClose={close}
        />
      )}
    </Card>
  );
}

function SendPasswordLink({ portal, person: { id, username }, onClose }: Props & { onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({
    place: 'passwordLink',
    async send() {
      await sendPasswordLink(portal, id);
      tell(t('passwordLink.sent', { username }));
      onClose();
    },
  });
  return (
    <Dialog title={t('passwordLink.title', { username })} isOpen onClose={onClose}>
      <Form form={form} submit={t('bulk.sendLink.begin')} onCancel={onClose}>
        <p>{t('bulk.sendLink.what')}</p>
      </Form>
    </Dialog>
  );
}
