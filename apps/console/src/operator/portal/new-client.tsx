import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { operatorApi, reply } from '../../api/client.js';
import type { paths } from '../../api/schema.js';
import type { Proof } from '../../clients/clients.js';
import { Checkbox, Select } from '../../parts/fields/choice.js';
import { LinesField, TextField } from '../../parts/fields/field.js';
import { Form } from '../../parts/fields/form.js';
import { useForm } from '../../parts/fields/use-form.js';
import { Dialog } from '../../parts/overlays/dialog.js';
import { ShownOnce } from '../../parts/overlays/shown-once.js';
import { tell } from '../../parts/overlays/toast.js';
import { Card } from '../../parts/surface.js';

type Body = paths['/v1/portals/{portal}/clients']['post']['requestBody']['content']['application/json'];

const proofs = ['secret', 'public', 'signs'] as const satisfies readonly Proof[];
const empty = {
  name: '',
  redirectUris: '',
  postLogoutRedirectUris: '',
  proof: 'secret' as Proof,
  jwks: '',
  vouches: false,
};
type Typed = typeof empty;

export function NewClient({ portal, onDone }: { portal: string; onDone: () => Promise<void> }) {
  const { t } = useTranslation();
  const [registered, setRegistered] = useState<{ name: string; id: string; secret: string } | null>(null);
  const form = useForm({
    place: 'client',
    empty,
    async send(typed) {
      const body = bodyOf(typed);
      const params = { path: { portal } };
      const made = await reply(operatorApi.POST('/v1/portals/{portal}/clients', { params, body }));
      const { clientId: id, clientSecret: secret } = made;
      form.reset();
      if (secret === undefined) tell(t('clients.registeredTold', { name: body.name }));
      else setRegistered({ name: body.name, id, secret });
      await onDone();
    },
  });
  const { proof, vouches } = form.typed;
  const forget = () => setRegistered(null);

  return (
    <Card title={t('clients.new')}>
      <Form form={form} layout="narrow" submit={t('clients.register')}>
        <TextField
          {...form.field('name')}
          label={t('clients.name')}
          hint={t('clients.nameHint')}
          isRequired
          maxLength={128}
          autoComplete="off"
        />
        <LinesField
          {...form.field('redirectUris')}
          label={t('clients.redirectUris')}
          hint={t('clients.redirectUrisHint')}
          isRequired
        />
        <LinesField
          {...form.field('postLogoutRedirectUris')}
          label={t('clients.postLogoutRedirectUris')}
          hint={t('clients.postLogoutRedirectUrisHint')}
          rows={2}
        />
        <Select
          label={t('clients.kind')}
          hint={t(`clients.proves.${proof}.hint`)}
          options={proofs.map((id) => ({ id, label: t(`clients.proves.${id}.label`) }))}
          value={proof}
          onChange={(next) => form.set({ proof: next })}
        />
        {proof === 'signs' && (
          <>
            <LinesField
              {...form.field('jwks')}
              label={t('clients.jwks')}
              hint={t('clients.jwksHint')}
              isRequired
              rows={6}
              validate={(text) => (isJson(text) ? null : t('malformed.client.jwks'))}
            />
            <Checkbox name="vouches" isSelected={vouches} onChange={form.field('vouches').onChange}>
              {t('clients.vouches.label')}
              <span className="muted small" style={{ display: 'block' }}>
                {t('clients.vouches.hint')}
              </span>
            </Checkbox>
          </>
        )}
      </Form>
      {registered && (
        <Dialog stays title={t('clients.registeredNow', { name: registered.name })} isOpen onClose={forget}>
          <ShownOnce secret={registered.secret} what={t('clients.registeredWhat', registered)} onClose={forget} />
        </Dialog>
      )}
    </Card>
  );
}

function bodyOf({ name, redirectUris, postLogoutRedirectUris, proof, jwks, vouches }: Typed): Body {
  const afterLogout = linesOf(postLogoutRedirectUris);
  return {
    name: name.trim(),
    redirectUris: linesOf(redirectUris),
    ...(afterLogout.length > 0 && { postLogoutRedirectUris: afterLogout }),
    ...(proof === 'public' && { public: true }),
    // what is wrong with them the server says
    ...(proof === 'signs' && { jwks: JSON.parse(jwks) as NonNullable<Body['jwks']>, ...(vouches && { vouches }) }),
  };
}

/** Each once. */
const linesOf = (text: string): string[] => [
  ...new Set(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  ),
];

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
