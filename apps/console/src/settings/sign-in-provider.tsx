import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { sso, type Sso } from '../api/queries.js';
import { Button } from '../parts/button.js';
import { Conflicts } from '../parts/fields/conflicts.js';
import { TextField } from '../parts/fields/field.js';
import { Form } from '../parts/fields/form.js';
import { Loaded } from '../parts/loaded.js';
import { Badge, Card } from '../parts/surface.js';
import { useSettingsForm } from './use-settings-form.js';

/** Whose ID tokens log people in. */
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

const names = ['issuer', 'audience', 'jwksUri'] as const;
type Typed = Record<(typeof names)[number], string>;
/** As long as they may be. */
const most: Record<keyof Typed, number> = { issuer: 512, audience: 512, jwksUri: 2048 };

const mapped = (of: (name: keyof Typed) => string): Typed => ({
  issuer: of('issuer'),
  audience: of('audience'),
  jwksUri: of('jwksUri'),
});

function ProviderForm({ portal, saved }: { portal: string; saved: Sso }) {
  const { t } = useTranslation();
  const now = mapped((name) => saved[name] ?? '');
  const { draft, changed, form, undo } = useSettingsForm({
    place: 'sso',
    now,
    queryKey: sso(portal).queryKey,
    clean: (typed) => mapped((name) => typed[name].trim()),
    put: (_, body) => reply(api.PUT('/v1/portals/{portal}/settings/sso', { params: { path: { portal } }, body })),
  });
  return (
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
          isRequired
          verbatim
          maxLength={most[name]}
          autoComplete="off"
        />
      ))}
      <Conflicts now={draft.conflicts.map((name) => [t(`settings.sso.${name}.label`), now[name]] as const)} />
    </Form>
  );
}
