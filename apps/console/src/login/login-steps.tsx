import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeStep } from './code-step.js';
import { Locked } from './locked.js';
import { PasswordStep, type Who } from './password-step.js';

/** What the answer says beside. */
export interface News {
  readonly backupCodesLeft?: number | undefined;
  readonly graceEndsAt?: string | undefined;
}

interface Props {
  who: Who;
  setWho: (who: Who) => void;
  /** Somebody else has said which. */
  isPortalFixed?: boolean;
  onLoggedIn: (news: News) => unknown;
}

type Step =
  | { at: 'password'; notice?: string }
  | { at: 'code'; rememberDays: number | undefined }
  | { at: 'locked'; until: string | undefined };

/** Password, then a code where one is asked for. */
export function LoginSteps({ who, setWho, isPortalFixed, onLoggedIn }: Props) {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>({ at: 'password' });
  const onLocked = (until: string | undefined) => setStep({ at: 'locked', until });
  const again = (notice?: string) => setStep({ at: 'password', ...(notice && { notice }) });
  switch (step.at) {
    case 'password':
      return (
        <PasswordStep
          who={who}
          setWho={setWho}
          isPortalFixed={isPortalFixed}
          notice={step.notice}
          onComplete={(graceEndsAt) => onLoggedIn({ graceEndsAt })}
          onCodeRequired={(rememberDays) => setStep({ at: 'code', rememberDays })}
          onLocked={onLocked}
        />
      );
    case 'code':
      return (
        <CodeStep
          username={who.username}
          rememberDays={step.rememberDays}
          onComplete={(backupCodesLeft) => onLoggedIn({ backupCodesLeft })}
          onEnded={() => again(t('login.challengeEnded'))}
          onBack={() => again()}
          onLocked={onLocked}
        />
      );
    case 'locked':
      return <Locked portal={who.portal} until={step.until} onBack={() => again()} />;
    default:
      return step satisfies never;
  }
}
