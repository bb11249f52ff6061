import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearch } from 'wouter';
import { Gate } from '../shell/gate.js';
import { lastPortal } from '../shell/places.js';
import { CodeStep } from './code-step.js';
import { Locked } from './locked.js';
import { PasswordStep } from './password-step.js';
import { useLoggedIn } from './use-logged-in.js';

type Step = { at: 'password'; notice?: string } | { at: 'code' } | { at: 'locked' };

export function Login() {
  const { t } = useTranslation();
  const parameters = new URLSearchParams(useSearch());
  const [portal, setPortal] = useState(parameters.get('portal') ?? lastPortal());
  const [username, setUsername] = useState('');
  const [step, setStep] = useState<Step>({ at: 'password' });
  const loggedIn = useLoggedIn();
  const locked = () => setStep({ at: 'locked' });
  const again = (notice?: string) => setStep({ at: 'password', ...(notice && { notice }) });
  return (
    <Gate>
      {step.at === 'password' && (
        <PasswordStep
          portal={portal}
          setPortal={setPortal}
          username={username}
          setUsername={setUsername}
          notice={step.notice}
          onComplete={() => loggedIn(portal)}
          onCodeRequired={() => setStep({ at: 'code' })}
          onLocked={locked}
        />
      )}
      {step.at === 'code' && (
        <CodeStep
          username={username}
          onComplete={(left) => loggedIn(portal, left)}
          onEnded={() => again(t('login.challengeEnded'))}
          onBack={() => again()}
          onLocked={locked}
        />
      )}
      {step.at === 'locked' && <Locked onBack={() => again()} />}
    </Gate>
  );
}
