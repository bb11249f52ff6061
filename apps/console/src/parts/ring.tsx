import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { serverNow, untilNextCode } from '../api/server-clock.js';
import style from './ring.module.css';

const radius = 15;
const circumference = 2 * Math.PI * radius;

const secondsLeft = () => Math.ceil(untilNextCode(serverNow()) / 1000);

/** How long the code that the app shows now still stands there, in step with the server's clock. */
export function Ring() {
  const { t } = useTranslation();
  const [left, setLeft] = useState(secondsLeft);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      setLeft(secondsLeft());
      timer = setTimeout(tick, (untilNextCode(serverNow()) % 1000) + 10);
    };
    tick();
    return () => clearTimeout(timer);
  }, []);
  return (
    <span
      className={`${style.ring} ${left <= 5 ? style.soon : ''}`}
      role="img"
      aria-label={t('code.ring', { count: left })}
      title={t('code.ring', { count: left })}
    >
      <svg viewBox="0 0 36 36" fill="none" strokeWidth="3" aria-hidden>
        <circle className={style.rest} cx="18" cy="18" r={radius} />
        <circle
          className={style.gone}
          data-fresh={left === 30 || undefined}
          cx="18"
          cy="18"
          r={radius}
          strokeLinecap="round"
          strokeDasharray={circumference}
          strokeDashoffset={circumference * (1 - left / 30)}
        />
      </svg>
      <span className={style.number} aria-hidden>
        {left}
      </span>
    </span>
  );
}
