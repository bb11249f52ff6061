import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps, Link as AriaLink, type LinkProps } from 'react-aria-components';
import style from './button.module.css';

type Look = 'primary' | 'secondary' | 'danger' | 'quiet' | 'icon';

interface Props extends Omit<ButtonProps, 'isDisabled'> {
  look?: Look;
  /** Under way. Like `idle` it does nothing, and keeps the focus, which a disabled button would lose. */
  busy?: boolean;
  /** There is nothing for it to do now. */
  idle?: boolean;
  children: ReactNode;
}

export function Button({
  look = 'secondary',
  busy = false,
  idle = false,
  type = 'button',
  onPress,
  children,
  ...props
}: Props) {
  const still = busy || idle;
  return (
    <AriaButton
      {...props}
      {...(!still && onPress && { onPress })}
      type={still ? 'button' : type}
      // else the field before it would take back its error at the press, and the button move from under the pointer
      {...(type === 'submit' && { preventFocusOnPress: true })}
      {...(still && { 'aria-disabled': true })}
      data-still={still || undefined}
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
