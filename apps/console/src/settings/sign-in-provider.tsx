import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { sso, type Sso } from '../api/queries.js';
import { Button } from '../parts/button.js';
import { Conflicts } from '../parts/fields/conflicts.js';
import { Copyable } from '../parts/fields/copyable.js';
import { PasswordField, TextField } from '../parts/fields/field.js';
import { Form } from '../parts/fields/form.js';
import { Loaded } from '../parts/loaded.js';
import { useAction } from '../parts/overlays/action.js';
import { Confirm } from '../parts/overlays/dialog.js';
import { tell } from '../parts/overlays/toast.js';
import { Badge, Card } from '../parts/surface.js';
import { base } from '../shell/places.js';
import { useSettingsForm } from './use-settings-form.js';

/** Whose ID tokens log people in, and with which people are sent there. */
export function SignInProvider({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const found = useQuery(sso(portal));
  return (
    <Card
      title={t('settings.sso.title')}
      aside={found.data?.issuer === null && <Badge>{t('settings.sso.none')}</Badge>}
    >
      <p className="muted">{t('settings.sso.what')}</p>
      <Loaded of={found}>{(now) => <ProviderForm portal={portal} saved={now} />}</Loaded>
    </Card>
  );
}

const names = ['issuer', 'audience', 'jwksUri', 'clientId'] as const;
type Typed = Record<(typeof names)[number] | 'clientSecret', string>;
/** As long as they may be. */
const most: Record<keyof Typed, number> = {
  issuer: 512,
  audience: 512,
  jwksUri: 2048,
  clientId: 512,
  clientSecret: 512,
};

function ProviderForm({ portal, saved }: { portal: string; saved: Sso }) {
  const { t } = useTranslation();
  const target = { params: { path: { portal } } };
  const { issuer, audience, jwksUri, clientId, hasClientSecret } = saved;
  // of the secret nobody is told more than that there is one
  const now: Typed = {
    issuer: issuer ?? '',
    audience: audience ?? '',
    jwksUri: jwksUri ?? '',
    clientId: clientId ?? '',
    clientSecret: '',
  };
  const { draft, changed, form, undo } = useSettingsForm({
    place: 'sso',
    now,
    queryKey: sso(portal).queryKey,
    clean: (typed) => ({
      issuer: typed.issuer.trim(),
      audience: typed.audience.trim(),
      jwksUri: typed.jwksUri.trim(),
      clientId: typed.clientId.trim(),
      clientSecret: typed.clientSecret,
    }),
    put: (_, { clientId: id, clientSecret: secret, ...provider }) => {
      const body = { ...provider, ...(id && { clientId: id }), ...(secret && { clientSecret: secret }) };
      return reply(api.PUT('/v1/portals/{portal}/settings/sso', { ...target, body }));
    },
  });
  const removeProvider = () => reply(api.DELETE('/v1/portals/{portal}/settings/sso', target));
  const removeSecret = () => {
    const { clientSecret: _, ...provider } = now;
    const body = { ...provider, clientSecret: null };
    return reply(api.PUT('/v1/portals/{portal}/settings/sso', { ...target, body }));
  };
  const isSameClient = draft.value.issuer.trim() === now.issuer && draft.value.clientId.trim() === now.clientId;
  return (
    <>
      <Form
        form={form}
        layout="narrow"
        submit={t('settings.sso.save')}
        idle={!changed}
        more={changed && <Button onPress={undo}>{t('action.undo')}</Button>}
      >
        {names.map((name) => (
          <TextField
            key={name}
            {...draft.field(name)}
            label={t(`settings.sso.${name}.label`)}
            hint={t(`settings.sso.${name}.hint`)}
            isRequired={name !== 'clientId'}
            verbatim
            maxLength={most[name]}
            autoComplete="off"
          />
        ))}
        <PasswordField
          {...draft.field('clientSecret')}
          label={t('settings.sso.clientSecret.label')}
          hint={t(
            hasClientSecret && isSameClient ? 'settings.sso.clientSecret.kept' : 'settings.sso.clientSecret.hint',
          )}
          isRequired={false}
          autoComplete="off"
        />
        <div className="stack-s">
          <p className="muted">{t('settings.sso.callback')}</p>
          <Copyable
            text={`${location.origin}${base}/sso/callback/${portal}`}
            words={{ copy: t('settings.sso.copy'), done: t('settings.sso.copied') }}
            testId="sso-callback"
          />
        </div>
        <Conflicts now={draft.conflicts.map((name) => [t(`settings.sso.${name}.label`), now[name]] as const)} />
      </Form>
      {issuer !== null && (
        <div className="row">
          {hasClientSecret && <Remove what="noSecret" {...{ portal, issuer }} remove={removeSecret} />}
          <Remove what="off" {...{ portal, issuer }} remove={removeProvider} />
        </div>
      )}
    </>
  );
}

/** What is taken away at once, whatever is typed in the form. */
function Remove({
  what,
  portal,
  issuer,
  remove,
}: {
  what: 'noSecret' | 'off';
  portal: string;
  issuer: string;
  remove: () => Promise<unknown>;
}) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const { running, run } = useAction(() => queries.invalidateQueries({ queryKey: sso(portal).queryKey }));
  return (
    <>
      <Button look="danger" busy={running !== null} onPress={() => setAsked(true)}>
        {t(`settings.sso.${what}.action`)}
      </Button>
      <Confirm
        isOpen={asked}
        title={t(`settings.sso.${what}.ask`)}
        confirm={t(`settings.sso.${what}.action`)}
        onClose={() => setAsked(false)}
        onConfirm={() =>
          run(what, async () => {
            await remove();
            tell(t(`settings.sso.${what}.done`));
          })
        }
      >
        <p>{t(`settings.sso.${what}.what`, { issuer })}</p>
      </Confirm>
    </>
  );
}
