import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { proofApi, reply } from '../api/client.js';
import { whenProofIsNeeded } from '../api/fresh-proof.js';
import { ProblemError } from '../api/problem.js';
import type { FieldOf } from '../language/use-sentences.js';
import { CodeField } from '../parts/fields/code-field.js';
import { PasswordField } from '../parts/fields/field.js';
import { Form } from '../parts/fields/form.js';
import { type TypedCode, useForm } from '../parts/fields/use-form.js';
import { Dialog } from '../parts/overlays/dialog.js';

const fieldOf: FieldOf = {
  'invalid-credentials': 'password',
  'wrong-code': 'code',
  'malformed-code': 'code',
};

const empty: { password: string; code: TypedCode } = { password: '', code: { code: '' } };

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

function ProofDialog({ needs, settle }: ProofProps) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('proof.title')} isOpen onClose={() => settle(false)}>
      <ProofForm needs={needs} settle={settle} />
    </Dialog>
  );
}

interface ProofProps {
  needs: readonly string[];
  settle: (proved: boolean) => unknown;
}

/** The password, with a code where 2FA is active. */
export function ProofForm({ needs, settle }: ProofProps) {
  const { t } = useTranslation();
  const [codeNeeded, setCodeNeeded] = useState(needs.includes('code'));
  const form = useForm({
    place: 'proof',
    fieldOf,
    empty,
    async send({ password, code }) {
      try {
        await reply(proofApi.POST('/v1/me/re-authenticate', { body: { password, ...(codeNeeded && code) } }));
        settle(true);
      } catch (error) {
        if (error instanceof ProblemError && error.problem.needs?.includes('code')) setCodeNeeded(true);
        throw error;
      }
    },
  });

  return (
    <>
      <p className="muted">{codeNeeded ? t('proof.whyBoth') : t('proof.whyPassword')}</p>
      <Form form={form} submit={t('action.continue')} onCancel={() => settle(false)}>
        <PasswordField {...form.field('password')} label={t('login.password')} autoFocus />
        {codeNeeded && <CodeField form={form} />}
      </Form>
    </>
  );
}
