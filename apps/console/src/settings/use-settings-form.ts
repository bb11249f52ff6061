import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { codeOf } from '../api/problem.js';
import { differing, useDraft } from '../parts/fields/draft.js';
import { useForm } from '../parts/fields/use-form.js';
import { tell } from '../parts/overlays/toast.js';

interface Options<Now extends object> {
  /** Where its refusals are worded. */
  place: string;
  /** What is saved, as the fields have it. */
  now: Now;
  /** Of the query that `now` comes from. */
  queryKey: QueryKey;
  /** What is sent of what is typed. */
  clean: (typed: Now) => Now;
  /** Saves it; answers with what that query does. @throws what the form shows */
  put: (change: Partial<Now>, whole: Now) => Promise<unknown>;
}

/** A form of settings that are saved together, and that others may change meanwhile. */
export function useSettingsForm<Now extends object>({ place, now, queryKey, clean, put }: Options<Now>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const draft = useDraft(now);
  const whole = clean(draft.value);
  const change = differing(now, whole);
  const changed = Object.keys(change).length > 0;
  const form = useForm({
    place,
    async send() {
      if (!changed) return;
      try {
        queries.setQueryData(queryKey, await put(change, whole));
        draft.undo();
        tell(t('settings.saved'));
      } catch (error) {
        if (codeOf(error) === 'not-yet-effective') void queries.invalidateQueries({ queryKey });
        throw error;
      }
    },
  });
  function undo() {
    form.refusal.clear();
    draft.undo();
  }
  return { draft, changed, form, undo };
}
