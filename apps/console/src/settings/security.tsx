import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { codeOf } from '../api/problem.js';
import { settings } from '../api/queries.js';
import type { paths } from '../api/schema.js';
import { Button } from '../parts/button.js';
import { Concerned } from '../parts/concerned.js';
import { Conflicts } from '../parts/fields/conflicts.js';
import { differing, useDraft } from '../parts/fields/draft.js';
import { Form } from '../parts/fields/form.js';
import { useForm } from '../parts/fields/use-form.js';
import { Loaded } from '../parts/loaded.js';
import { Confirm } from '../parts/overlays/dialog.js';
import { tell } from '../parts/overlays/toast.js';
import { Badge, Card, Notice, Page } from '../parts/surface.js';
import { Clients } from '../clients/clients.js';
import { ServiceTokens } from '../service-tokens/service-tokens.js';
import { Onboarding, SWITCH } from './onboarding/onboarding.js';
import { PortalProfile } from './portal-profile.js';
import { SignInProvider } from './sign-in-provider.js';
import { WouldRequire } from './would-require.js';
import { SettingFields, type SettingValues, useSettingWords } from './setting-fields.js';

/** Settings → Security. */
export function Security({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const found = useQuery(settings(portal));
  const { data } = found;
  return (
    <Page above={t('settings.title')} title={t('settings.security')}>
      <Onboarding portal={portal}>
        <Card
          id={SWITCH}
          title={t('twoFactor.title')}
          aside={
            data && (
              <Badge {...(data.effective && { tone: 'good' })}>
                {data.effective ? t('settings.effective') : t('settings.notEffective')}
              </Badge>
            )
          }
        >
          <Loaded of={found}>{(now) => <Settings portal={portal} now={now} />}</Loaded>
        </Card>
        <PortalProfile portal={portal} />
        <SignInProvider portal={portal} />
        <Card title={t('serviceTokens.title')}>
          <p className="muted">{t('serviceTokens.whatSeen')}</p>
          <ServiceTokens portal={portal} by={api} />
        </Card>
        <Card title={t('clients.title')}>
          <p className="muted">{t('clients.whatSeen')}</p>
          <Clients portal={portal} by={api} />
        </Card>
      </Onboarding>
    </Page>
  );
}

type Now = paths['/v1/portals/{portal}/settings/two-factor']['get']['responses'][200]['content']['application/json'];

function Settings({ portal, now: { effective, ...now } }: { portal: string; now: Now }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const said = useSettingWords(now);
  const draft = useDraft<SettingValues>(now);
  const [asked, setAsked] = useState(false);
  const body = draft.value as typeof now;
  const changed = Object.keys(differing(now, body)).length > 0;
  const form = useForm({
    place: 'settings',
    async send() {
      const params = { path: { portal } };
      try {
        const saved = await reply(api.PUT('/v1/portals/{portal}/settings/two-factor', { params, body }));
        queries.setQueryData(settings(portal).queryKey, saved);
        draft.undo();
        tell(t('settings.saved'));
      } catch (error) {
        if (codeOf(error) === 'not-yet-effective') void queries.invalidateQueries({ queryKey: ['settings', portal] });
        throw error;
      }
    },
  });
  function undo() {
    form.refusal.clear();
    draft.undo();
  }
  function submit() {
    if (now.enabled && !body.enabled) setAsked(true);
    else if (changed) void form.submit();
  }

  return (
    <Form
      form={form}
      layout="narrow"
      submit={t('action.save')}
      idle={!changed}
      onSubmit={submit}
      more={changed && <Button onPress={undo}>{t('action.undo')}</Button>}
    >
      {now.enabled && !effective && <Notice tone="warn">{t('settings.addOnMissing')}</Notice>}
      <SettingFields draft={draft} onSwitch={form.refusal.clear} />
      {body.required && (body.required !== now.required || body.graceDays !== now.graceDays) && (
        <WouldRequire portal={portal} {...body} />
      )}
      <Conflicts now={draft.conflicts.map(said)} />
      <Confirm
        isOpen={asked}
        title={t('settings.askOff.title')}
        confirm={t('settings.askOff.ok')}
        onClose={() => setAsked(false)}
        onConfirm={() => void form.submit()}
      >
        <Concerned portal={portal} by={api} />
        <p>{t('settings.askOff.what')}</p>
      </Confirm>
    </Form>
  );
}
