import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps, Link as AriaLink, type LinkProps } from 'react-aria-components';
import style from './button.module.css';

type Look = 'primary' | 'secondary' | 'danger' | 'quiet' | 'icon';

interface Props extends ButtonProps {
  look?: Look;
  /** Under way: does nothing more, and keeps the focus, which a disabled button would lose. */
  busy?: boolean;
  children: ReactNode;
}

export function Button({ look = 'secondary', busy = false, type, onPress, children, ...props }: Props) {
  return (
    <AriaButton
      {...props}
      {...(!busy && onPress && { onPress })}
      type={busy || !type ? 'button' : type}
      // else the field before it would take back its error at the press, and the button move from under the pointer
      {...(type === 'submit' && { preventFocusOnPress: true })}
      data-busy={busy || undefined}
      className={`${style.button} ${style[look]}`}
    >
      {busy && <span className={style.spinner} aria-hidden />}
      {children}
    </AriaButton>
  );
}

/** A link that looks like a button: goes somewhere, changes nothing. */
export function ButtonLink({
  look = 'secondary',
  children,
  ...props
}: Omit<LinkProps, 'className'> & { look?: Look; children: ReactNode }) {
  return (
    <AriaLink {...props} className={`${style.button} ${style[look]}`}>
      {children}
    </AriaLink>
  );
}
