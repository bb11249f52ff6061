import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearch } from 'wouter';
import { useRested } from '../parts/use-rested.js';
import { Gate } from '../shell/gate.js';
import { lastPortal } from '../shell/places.js';
import { CodeStep } from './code-step.js';
import { Locked } from './locked.js';
import { PasswordStep } from './password-step.js';
import { useLoggedIn } from './use-logged-in.js';

type Step =
  | { at: 'password'; notice?: string }
  | { at: 'code'; rememberDays: number | undefined }
  | { at: 'locked'; until: string | undefined };

export function Login() {
  const { t } = useTranslation();
  const parameters = new URLSearchParams(useSearch());
  const [who, setWho] = useState({ portal: parameters.get('portal') ?? lastPortal(), username: '' });
  const [step, setStep] = useState<Step>({ at: 'password' });
  const portal = useRested(who.portal);
  const loggedIn = useLoggedIn();
  const onLocked = (until: string | undefined) => setStep({ at: 'locked', until });
  const again = (notice?: string) => setStep({ at: 'password', ...(notice && { notice }) });
  return (
    <Gate portal={portal}>
      {step.at === 'password' && (
        <PasswordStep
          who={who}
          setWho={setWho}
          notice={step.notice}
          onComplete={(graceEndsAt) => loggedIn(who.portal, { graceEndsAt })}
          onCodeRequired={(rememberDays) => setStep({ at: 'code', rememberDays })}
          onLocked={onLocked}
        />
      )}
      {step.at === 'code' && (
        <CodeStep
          username={who.username}
          rememberDays={step.rememberDays}
          onComplete={(backupCodesLeft) => loggedIn(who.portal, { backupCodesLeft })}
          onEnded={() => again(t('login.challengeEnded'))}
          onBack={() => again()}
          onLocked={onLocked}
        />
      )}
      {step.at === 'locked' && <Locked portal={who.portal} until={step.until} onBack={() => again()} />}
    </Gate>
  );
}
