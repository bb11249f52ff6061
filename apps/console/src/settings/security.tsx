import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { maxFailedAttempts } from '../api/facts.js';
import { codeOf } from '../api/problem.js';
import { settings } from '../api/queries.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { Concerned } from '../parts/concerned.js';
import { Switch } from '../parts/fields/choice.js';
import { Conflicts } from '../parts/fields/conflicts.js';
import { useDraft } from '../parts/fields/draft.js';
import { NumberField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Badge, Card, Failure, Loading, Notice, Page } from '../parts/surface.js';
import { Confirm } from '../parts/overlays/dialog.js';
import { tell } from '../parts/overlays/toast.js';

/** Settings → Security. */
export function Security({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const { data, isPending, isError, error, refetch } = useQuery(settings(portal));
  return (
    <Page above={t('settings.title')} title={t('settings.security')}>
      <Card
        title={t('twoFactor.title')}
        aside={
          data && (
            <Badge {...(data.effective && { tone: 'good' })}>
              {data.effective ? t('settings.effective') : t('settings.notEffective')}
            </Badge>
          )
        }
      >
        {isPending && <Loading />}
        {isError && <Failure error={error} retry={() => void refetch()} />}
        {data && <Setting portal={portal} now={data} />}
      </Card>
    </Page>
  );
}

interface Now {
  enabled: boolean;
  maxFailedAttempts: number;
  effective: boolean;
}

const fieldOf: FieldOf = {};
const { least, most } = maxFailedAttempts;

function Setting({ portal, now }: { portal: string; now: Now }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { enabled: isOn, maxFailedAttempts: limit } = now;
  const { value, set, typing, conflicts, undo } = useDraft({ enabled: isOn, maxFailedAttempts: limit });
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState(false);
  const refusal = useRefusal('settings', fieldOf);
  const changed = value.enabled !== isOn || value.maxFailedAttempts !== limit;
  const saidNow = {
    enabled: [t('settings.enabled'), isOn ? t('twoFactor.status.enabled') : t('twoFactor.status.none')],
    maxFailedAttempts: [t('settings.limit'), String(limit)],
  } as const;

  async function save() {
    setBusy(true);
    refusal.clear();
    try {
      const saved = await reply(
        api.PUT('/v1/portals/{portal}/settings/two-factor', { params: { path: { portal } }, body: value }),
      );
      queries.setQueryData(settings(portal).queryKey, saved);
      undo();
      tell(t('settings.saved'));
    } catch (error) {
      if (codeOf(error) === 'not-yet-effective') void queries.invalidateQueries({ queryKey: ['settings', portal] });
      refusal.show(error);
    }
    setBusy(false);
  }
  async function submit() {
    if (!changed) return;
    if (isOn && !value.enabled) return setAsked(true);
    await save();
  }

  return (
    <Form refusal={refusal} onSubmit={submit} narrow>
      {isOn && !now.effective && (
        <Notice tone="warn">
          <p>{t('settings.addOnMissing')}</p>
        </Notice>
      )}
      <div className="stack-s">
        <Switch
          isSelected={value.enabled}
          onChange={(on) => {
            refusal.clear();
            set({ enabled: on });
          }}
        >
          {t('settings.enabled')}
        </Switch>
        <p className="muted small">{t('settings.enabledHint')}</p>
      </div>
      <NumberField
        {...typing('maxFailedAttempts')}
        label={t('settings.limit')}
        hint={t('settings.limitHint', { least, most })}
        name="maxFailedAttempts"
        isRequired
        minValue={least}
        maxValue={most}
        value={value.maxFailedAttempts}
        onChange={(next) => set({ maxFailedAttempts: next })}
      />
      <Conflicts now={conflicts.map((name) => saidNow[name])} />
      <Refused refusal={refusal} />
      <div className="row">
        <Button look="primary" type="submit" busy={busy} idle={!changed}>
          {t('action.save')}
        </Button>
        {changed && (
          <Button
            onPress={() => {
              refusal.clear();
              undo();
            }}
          >
            {t('action.undo')}
          </Button>
        )}
      </div>
      <Confirm
        isOpen={asked}
        title={t('settings.askOff.title')}
        confirm={t('settings.askOff.ok')}
        onClose={() => setAsked(false)}
        onConfirm={() => void save()}
      >
        <Concerned portal={portal} by={api} />
        <p>{t('settings.askOff.what')}</p>
      </Confirm>
    </Form>
  );
}
