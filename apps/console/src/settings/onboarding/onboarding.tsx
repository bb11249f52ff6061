import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { myTwoFactor, summary } from '../../api/queries.js';
import { Button } from '../../parts/button.js';
import { Icon } from '../../parts/icon.js';
import { Badge, Card, Loading } from '../../parts/surface.js';
import { homeOf } from '../../shell/places.js';
import style from './onboarding.module.css';
import { type Step, stepsOf } from './steps.js';

interface Props {
  portal: string;
  /** What stands below it. It waits until one knows whether there are steps, so that it does not move. */
  children: ReactNode;
}

/** Where the switch is that the second step is about. */
export const SWITCH = 'two-factor';

/** What is to be done first, until all of it is done or the administrator does not want to see it here any more. */
export function Onboarding({ portal, children }: Props) {
  const [hidden, setHidden] = useState(() => localStorage.getItem(keyOf(portal)) === HIDDEN);
  const own = useQuery({ ...myTwoFactor, enabled: !hidden });
  const counted = useQuery({ ...summary(portal), enabled: !hidden });
  const isAsked = !hidden && (own.isPending || counted.isPending);
  if (isAsked) {
    return (
      <Card>
        <Loading />
      </Card>
    );
  }
  const steps = own.data && counted.data ? stepsOf(own.data, counted.data) : [];
  function hide() {
    localStorage.setItem(keyOf(portal), HIDDEN);
    setHidden(true);
  }
  return (
    <>
      {!hidden && steps.some(({ done }) => !done) && <Steps portal={portal} steps={steps} onHide={hide} />}
      {children}
    </>
  );
}

const HIDDEN = 'hidden';
const keyOf = (portal: string) => `twinlock.onboarding.${portal}`;

interface StepsProps {
  portal: string;
  steps: readonly Step[];
  onHide: () => void;
}

function Steps({ portal, steps, onHide }: StepsProps) {
  const { t } = useTranslation();
  const done = steps.filter((step) => step.done).length;
  return (
    <Card
      title={t('onboarding.title')}
      aside={
        <Button look="quiet" onPress={onHide}>
          {t('onboarding.hide')}
        </Button>
      }
    >
      <p className="muted" role="status">
        {t('onboarding.progress', { done, count: steps.length })}
      </p>
      {/* Safari takes the role from a list without marks */}
      <ol className={style.steps} role="list">
        {steps.map((step, index) => (
          <li key={step.id}>
            <span className={style.mark} aria-hidden>
              {step.done ? <Icon name="check" size={16} /> : index + 1}
            </span>
            <div className="stack-s">
              <span className={style.head}>
                <strong>{t(`onboarding.${step.id}.title`)}</strong>
                {step.done && <Badge tone="good">{t('onboarding.done')}</Badge>}
              </span>
              {!step.done && <p className="muted">{t(`onboarding.${step.id}.what`)}</p>}
              {!step.done && step.possible && <Way portal={portal} to={step.id} />}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Way({ portal, to }: { portal: string; to: Step['id'] }) {
  const { t } = useTranslation();
  const words = t(`onboarding.${to}.go`);
  // on this very screen, which is no other address
  if (to === 'on') {
    return (
      <a className={style.way} href={`#${SWITCH}`}>
        {words}
      </a>
    );
  }
  const places = { addOn: '/operator', people: `/p/${portal}/contributors/new`, own: homeOf(portal) };
  return (
    <Link className={style.way} href={places[to]}>
      {words}
    </Link>
  );
}
