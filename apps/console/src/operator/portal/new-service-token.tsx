import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { operatorApi, reply } from '../../api/client.js';
import type { ServiceToken } from '../../api/queries.js';
import { serverNow } from '../../api/server-clock.js';
import { CheckboxGroup } from '../../parts/fields/choice.js';
import { TextField } from '../../parts/fields/field.js';
import { Form } from '../../parts/fields/form.js';
import { useForm } from '../../parts/fields/use-form.js';
import { Dialog } from '../../parts/overlays/dialog.js';
import { ShownOnce } from '../../parts/overlays/shown-once.js';
import { Card } from '../../parts/surface.js';
import { isoOf } from '../../parts/use-time.js';

type Scope = ServiceToken['scopes'][number];

const scopes = ['challenges', 'commands', 'events', 'accounts', 'erasure'] as const satisfies readonly Scope[];
const empty = { name: '', scopes: [] as Scope[], expiresAt: '' };

export function NewServiceToken({ portal, onDone }: { portal: string; onDone: () => Promise<void> }) {
  const { t } = useTranslation();
  const [issued, setIssued] = useState<{ name: string; token: string } | null>(null);
  const form = useForm({
    place: 'serviceToken',
    empty,
    async send({ name, expiresAt: local, ...typed }) {
      const expiresAt = isoOf(local);
      const body = { ...typed, name: name.trim(), ...(expiresAt && { expiresAt }) };
      const params = { path: { portal } };
      const { token } = await reply(operatorApi.POST('/v1/portals/{portal}/service-tokens', { params, body }));
      form.reset();
      setIssued({ name: body.name, token });
      await onDone();
    },
  });
  const isAhead = (local: string) => {
    const at = isoOf(local);
    return at === undefined || Date.parse(at) > serverNow() ? null : t('malformed.expiresAt');
  };
  const forget = () => setIssued(null);

  return (
    <Card title={t('serviceTokens.new')}>
      <Form form={form} layout="narrow" submit={t('serviceTokens.issue')}>
        <TextField
          {...form.field('name')}
          label={t('serviceTokens.name')}
          hint={t('serviceTokens.nameHint')}
          isRequired
          maxLength={128}
          autoComplete="off"
        />
        <CheckboxGroup
          {...form.field('scopes')}
          label={t('serviceTokens.scopes')}
          options={scopes.map((id) => ({
            id,
            label: t(`serviceTokens.scope.${id}.label`),
            hint: t(`serviceTokens.scope.${id}.hint`),
          }))}
        />
        {/* the browser's own field for a local time */}
        <TextField
          {...form.field('expiresAt')}
          label={t('serviceTokens.expiresAt')}
          hint={t('serviceTokens.expiresAtHint')}
          type="datetime-local"
          validate={isAhead}
        />
      </Form>
      {issued && (
        <Dialog stays title={t('serviceTokens.issuedNow', { name: issued.name })} isOpen onClose={forget}>
          <ShownOnce secret={issued.token} what={t('serviceTokens.issuedWhat')} onClose={forget} />
        </Dialog>
      )}
    </Card>
  );
}
