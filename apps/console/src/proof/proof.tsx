import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { proofApi, reply } from '../api/client.js';
import { whenProofIsNeeded } from '../api/fresh-proof.js';
import { codeOf, ProblemError } from '../api/problem.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { CodeField, useTypedCode } from '../parts/fields/code-field.js';
import { Dialog, DialogActions } from '../parts/overlays/dialog.js';
import { PasswordField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';

const fieldOf: FieldOf = {
  'invalid-credentials': 'password',
  'wrong-code': 'code',
  'malformed-code': 'code',
};

interface Asked {
  needs: readonly string[];
  settle: (proved: boolean) => void;
}

/** Asks for a fresh proof (R14) whenever a call of the page needs one; what was typed stays where it is meanwhile. */
export function ProofWhenNeeded() {
  const [asked, setAsked] = useState<Asked | null>(null);
  useEffect(
    () =>
      whenProofIsNeeded(
        (needs) =>
          new Promise((proved) =>
            setAsked({
              needs,
              settle: (outcome) => {
                setAsked(null);
                proved(outcome);
              },
            }),
          ),
      ),
    [],
  );
  // the session ends while the question is open
  useEffect(() => () => asked?.settle(false), [asked]);
  return asked && <ProofDialog needs={asked.needs} settle={asked.settle} />;
}

function ProofDialog({ needs, settle }: { needs: readonly string[]; settle: (proved: boolean) => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const [codeNeeded, setCodeNeeded] = useState(needs.includes('code'));
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('proof', fieldOf);
  const code = useTypedCode(refusal);

  async function prove() {
    setBusy(true);
    refusal.clear();
    try {
      await reply(proofApi.POST('/v1/me/re-authenticate', { body: { password, ...(codeNeeded && code.typed) } }));
      settle(true);
    } catch (error) {
      if (error instanceof ProblemError && error.problem.needs?.includes('code')) setCodeNeeded(true);
      if (codeOf(error) === 'wrong-code') code.wipe();
      refusal.show(error);
      setBusy(false);
    }
  }

  return (
    <Dialog title={t('proof.title')} isOpen onClose={() => settle(false)}>
      <p className="muted">{codeNeeded ? t('proof.whyBoth') : t('proof.whyPassword')}</p>
      <Form refusal={refusal} onSubmit={prove}>
        <PasswordField
          label={t('login.password')}
          name="password"
          isRequired
          autoFocus
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
        />
        {codeNeeded && <CodeField code={code} />}
        <Refused refusal={refusal} />
        <DialogActions>
          <Button onPress={() => settle(false)}>{t('action.cancel')}</Button>
          <Button look="primary" type="submit" busy={busy}>
            {t('action.continue')}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
