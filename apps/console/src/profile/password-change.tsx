import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { PasswordField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Card } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';

const fieldOf: FieldOf = { 'invalid-credentials': 'current' };

const empty = { current: '', fresh: '', again: '' };
const length = (text: string) => [...text].length;

export function PasswordChange() {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(empty);
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('password', fieldOf);
  const set = (field: keyof typeof empty) => (text: string) => setTyped((before) => ({ ...before, [field]: text }));

  async function change() {
    setBusy(true);
    refusal.clear();
    try {
      await reply(api.POST('/v1/me/password', { body: { current: typed.current, new: typed.fresh } }));
      setTyped(empty);
      tell(t('password.changed'));
    } catch (error) {
      refusal.show(error);
    }
    setBusy(false);
  }

  return (
    <Card title={t('password.title')}>
      <Form refusal={refusal} onSubmit={change} narrow>
        <PasswordField
          label={t('password.current')}
          name="current"
          isRequired
          autoComplete="current-password"
          value={typed.current}
          onChange={set('current')}
        />
        <PasswordField
          label={t('password.new')}
          hint={t('password.rule')}
          name="new"
          isRequired
          autoComplete="new-password"
          value={typed.fresh}
          onChange={set('fresh')}
          validate={(text) => (length(text) >= 8 && length(text) <= 256 ? null : t('malformed.password'))}
        />
        <PasswordField
          label={t('password.again')}
          name="again"
          isRequired
          autoComplete="new-password"
          value={typed.again}
          onChange={set('again')}
          validate={(text) => (text === typed.fresh ? null : t('password.differs'))}
        />
        <Refused refusal={refusal} />
        <p className="muted small">{t('password.ends')}</p>
        <div>
          <Button type="submit" busy={busy}>
            {t('password.action')}
          </Button>
        </div>
      </Form>
    </Card>
  );
}
