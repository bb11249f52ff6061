import { createContext, type ReactNode, useContext, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useSentences } from '../language/use-sentences.js';
import { Button } from './button.js';
import { Icon, type IconName } from './icon.js';
import style from './surface.module.css';

/** What the page is called where no portal has another name. */
export const PRODUCT = 'Twinlock';
/** Whose the screens are, by name. */
export const Owner = createContext(PRODUCT);

/** A screen: its heading takes the focus when the screen comes, so that a screen reader says where one is. */
export function Page({
  title,
  above,
  action,
  children,
  keepFocus,
  boxed,
}: {
  title: string;
  /** Where the screen belongs. */
  above?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  /** A field of the screen has it. */
  keepFocus?: boolean;
  /** The whole screen is one card. */
  boxed?: boolean;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const owner = useContext(Owner);
  useEffect(() => {
    document.title = `${title} · ${owner}`;
  }, [title, owner]);
  useEffect(() => {
    if (!keepFocus) heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [keepFocus]);
  return (
    <div className={boxed ? style.card : style.page}>
      <div className={style.head}>
        <div>
          {above && <p className={style.above}>{above}</p>}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
        </div>
        {action}
      </div>
      {children}
    </div>
  );
}

interface CardProps {
  title?: string;
  aside?: ReactNode;
  children: ReactNode;
  /** For links to it. */
  id?: string;
}

/** A section of a screen. */
export function Card({ title, aside, children, id }: CardProps) {
  const heading = useId();
  return (
    <section id={id} className={style.card} {...(title && { 'aria-labelledby': heading })}>
      {title && (
        <div className={style.head}>
          <h2 id={heading}>{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}

type Tone = 'info' | 'warn' | 'danger';
const icons: Record<Tone, IconName> = { info: 'shield', warn: 'alert', danger: 'alert' };

export function Notice({ tone = 'info', children, live }: { tone?: Tone; children: ReactNode; live?: boolean }) {
  return (
    <div className={`${style.notice} ${tone === 'info' ? '' : style[tone]}`} role={live ? 'alert' : undefined}>
      <Icon name={icons[tone]} />
      <div className="stack-s">{children}</div>
    </div>
  );
}

export function Badge({
  tone,
  icon,
  children,
}: {
  tone?: 'good' | 'warn' | 'danger';
  icon?: IconName;
  children: ReactNode;
}) {
  return (
    <span className={`${style.badge} ${tone ? style[tone] : ''}`}>
      {icon && <Icon name={icon} size={13} />}
      {children}
    </span>
  );
}

export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={style.facts}>
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Loading({ lines = 3 }: { lines?: number }) {
  const { t } = useTranslation();
  return (
    <div className="stack" role="status" aria-label={t('state.loading')}>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className={style.bar} />
      ))}
    </div>
  );
}

export function Empty({ icon, children }: { icon: IconName; children: ReactNode }) {
  return (
    <div className={style.state}>
      <Icon name={icon} size={28} />
      {children}
    </div>
  );
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const { say } = useSentences();
  return (
    <div className={style.state} role="alert">
      <Icon name="alert" size={28} />
      <p>{say(error)}</p>
      {retry && (
        <Button onPress={retry}>
          <Icon name="refresh" />
          {t('action.retry')}
        </Button>
      )}
    </div>
  );
}
