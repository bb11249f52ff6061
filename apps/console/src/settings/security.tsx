import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { maxFailedAttempts } from '../api/facts.js';
import { codeOf } from '../api/problem.js';
import { settings } from '../api/queries.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { Switch } from '../parts/fields/choice.js';
import { NumberField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Badge, Card, Failure, Loading, Notice, Page } from '../parts/surface.js';
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
        {data && <Setting key={`${data.enabled} ${data.maxFailedAttempts}`} portal={portal} now={data} />}
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
  const [enabled, setEnabled] = useState(now.enabled);
  const [limit, setLimit] = useState(now.maxFailedAttempts);
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('settings', fieldOf);
  const changed = enabled !== now.enabled || limit !== now.maxFailedAttempts;

  async function save() {
    if (!changed) return;
    setBusy(true);
    refusal.clear();
    try {
      const body = { enabled, maxFailedAttempts: limit };
      const saved = await reply(
        api.PUT('/v1/portals/{portal}/settings/two-factor', { params: { path: { portal } }, body }),
      );
      queries.setQueryData(settings(portal).queryKey, saved);
      tell(t('settings.saved'));
    } catch (error) {
      if (codeOf(error) === 'not-yet-effective') void queries.invalidateQueries({ queryKey: ['settings', portal] });
      refusal.show(error);
    }
    setBusy(false);
  }

  return (
    <Form refusal={refusal} onSubmit={save} narrow>
      {now.enabled && !now.effective && (
        <Notice tone="warn">
          <p>{t('settings.addOnMissing')}</p>
        </Notice>
      )}
      <div className="stack-s">
        <Switch
          isSelected={enabled}
          onChange={(on) => {
            refusal.clear();
            setEnabled(on);
          }}
        >
          {t('settings.enabled')}
        </Switch>
        <p className="muted small">{t('settings.enabledHint')}</p>
      </div>
      <NumberField
        label={t('settings.limit')}
        hint={t('settings.limitHint', { least, most })}
        name="maxFailedAttempts"
        isRequired
        minValue={least}
        maxValue={most}
        value={limit}
        onChange={setLimit}
      />
      <Refused refusal={refusal} />
      <div className="row">
        <Button look="primary" type="submit" busy={busy} isDisabled={!changed && !busy}>
          {t('action.save')}
        </Button>
        {changed && (
          <Button
            onPress={() => {
              refusal.clear();
              setEnabled(now.enabled);
              setLimit(now.maxFailedAttempts);
            }}
          >
            {t('action.undo')}
          </Button>
        )}
      </div>
    </Form>
  );
}
