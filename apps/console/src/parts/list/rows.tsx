import type { ReactNode } from 'react';
import style from './rows.module.css';

/** A short list of things that are one's own, with what can be done with each. */
export const Rows = ({ label, children }: { label?: string; children: ReactNode }) => (
  // Safari takes the role from a list without marks
  <ul className={style.rows} role="list" aria-label={label}>
    {children}
  </ul>
);

interface Props {
  name: string;
  badge?: ReactNode;
  /** What is said of it; nothing is said of what is not known. */
  lines: readonly (readonly (string | undefined)[])[];
  action?: ReactNode;
}

export function Row({ name, badge, lines, action }: Props) {
  return (
    <li className={style.row}>
      <span className={style.title}>
        <strong>{name}</strong>
        {badge}
      </span>
      {lines.map((facts, index) => (
        <span key={index} className={`muted small ${style.line}`}>
          {facts.filter(Boolean).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </span>
      ))}
      {action && <div className={`row ${style.action}`}>{action}</div>}
    </li>
  );
}
