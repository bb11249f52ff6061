import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { ProblemError } from '../api/problem.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { CodeField, noCode, type TypedCode } from '../parts/fields/code-field.js';
import { Dialog, DialogActions } from '../parts/overlays/dialog.js';
import { PasswordField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';

const fieldOf: FieldOf = {
  'invalid-credentials': 'password',
  'wrong-code': 'code',
  'malformed-code': 'code',
};

/** The person closed the dialog: nothing was done, nothing is to be said. */
export class NotProved extends Error {
  override readonly name = 'NotProved';
}

/** Does an action; where it needs a fresh proof (R14) asks for it and does the action again. */
type WithProof = <Answer>(action: () => Promise<Answer>) => Promise<Answer>;

const ProofContext = createContext<WithProof>((action) => action());
export const useProof = (): WithProof => useContext(ProofContext);

interface Asked {
  needs: readonly string[];
  settle: (proved: boolean) => void;
}

export function ProofProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const withProof = useCallback<WithProof>(async (action) => {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.code !== 're-authentication-required') throw error;
      const { needs = ['password'] } = error.problem;
      const proved = await new Promise<boolean>((settle) => setAsked({ needs, settle }));
      if (!proved) throw new NotProved();
      return action();
    }
  }, []);
  const settle = (proved: boolean) => {
    asked?.settle(proved);
    setAsked(null);
  };
  return (
    <ProofContext value={withProof}>
      {children}
      {asked && <ProofDialog needs={asked.needs} settle={settle} />}
    </ProofContext>
  );
}

function ProofDialog({ needs, settle }: { needs: readonly string[]; settle: (proved: boolean) => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const [typed, setTyped] = useState<TypedCode>(noCode);
  const [codeNeeded, setCodeNeeded] = useState(needs.includes('code'));
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('proof', fieldOf);

  async function prove() {
    setBusy(true);
    refusal.clear();
    try {
      await reply(api.POST('/v1/me/re-authenticate', { body: { password, ...(codeNeeded && typed) } }));
      settle(true);
    } catch (error) {
      if (error instanceof ProblemError && error.problem.needs?.includes('code')) setCodeNeeded(true);
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
        {codeNeeded && <CodeField value={typed} onChange={setTyped} />}
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
