import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { face, profile, type Profile } from '../api/queries.js';
import { languages, nameOf } from '../language/i18n.js';
import { Button } from '../parts/button.js';
import { Select } from '../parts/fields/choice.js';
import { Conflicts } from '../parts/fields/conflicts.js';
import { TextField } from '../parts/fields/field.js';
import { Form } from '../parts/fields/form.js';
import { Loaded } from '../parts/loaded.js';
import { Card } from '../parts/surface.js';
import { useSettingsForm } from './use-settings-form.js';

/** What people see of the portal on the pages and in their authenticators. */
export function PortalProfile({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const found = useQuery(profile(portal));
  return (
    <Card title={t('settings.profile.title')}>
      <Loaded of={found}>{(now) => <ProfileForm portal={portal} profile={now} />}</Loaded>
    </Card>
  );
}

/** As it is typed: a field that is not set is empty. */
const typedOf = ({ displayName, issuer, language, supportContact }: Profile) => ({
  displayName: displayName ?? '',
  issuer: issuer ?? '',
  language: language ?? '',
  supportContact: supportContact ?? '',
});
type Typed = ReturnType<typeof typedOf>;
const trimmed = (typed: Typed): Typed => ({
  ...typed,
  displayName: typed.displayName.trim(),
  issuer: typed.issuer.trim(),
  supportContact: typed.supportContact.trim(),
});

function ProfileForm({ portal, profile: saved }: { portal: string; profile: Profile }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const now = typedOf(saved);
  const { draft, changed, form, undo } = useSettingsForm({
    place: 'settings',
    now,
    queryKey: profile(portal).queryKey,
    clean: trimmed,
    async put(change) {
      const body = Object.fromEntries(Object.entries(change).map(([name, to]) => [name, to === '' ? null : to]));
      const params = { path: { portal } };
      try {
        return await reply(api.PUT('/v1/portals/{portal}/settings/profile', { params, body }));
      } finally {
        void queries.invalidateQueries({ queryKey: face(portal).queryKey });
      }
    },
  });

  const worded = (name: keyof Typed) => ({
    label: t(`settings.profile.${name}.label`),
    hint: t(`settings.profile.${name}.hint`),
  });
  const spoken = (language: string) => (language === '' ? t('settings.profile.noLanguage') : nameOf(language));
  const said = (name: keyof Typed) =>
    [worded(name).label, name === 'language' ? spoken(now.language) : now[name]] as const;
  const withoutColon = (text: string) => (/[:：]/.test(text) ? t('malformed.issuer') : null);

  return (
    <Form
      form={form}
      layout="narrow"
      submit={t('settings.profile.save')}
      idle={!changed}
      more={changed && <Button onPress={undo}>{t('action.undo')}</Button>}
    >
      <TextField
        {...draft.field('displayName')}
        {...worded('displayName')}
        maxLength={256}
        autoComplete="organization"
      />
      <TextField
        {...draft.field('issuer')}
        {...worded('issuer')}
        maxLength={32}
        validate={withoutColon}
        autoComplete="off"
      />
      <Select
        {...worded('language')}
        options={['', ...languages].map((id) => ({ id: id || NONE, label: spoken(id) }))}
        value={draft.value.language || NONE}
        onChange={(id) => {
          form.refusal.clear();
          draft.set({ language: id === NONE ? '' : id });
        }}
      />
      <TextField {...draft.field('supportContact')} {...worded('supportContact')} maxLength={200} autoComplete="off" />
      <Conflicts now={draft.conflicts.map(said)} />
    </Form>
  );
}

/** A choice has an id that is not empty. */
const NONE = 'none';
