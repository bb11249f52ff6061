import { type ReactNode, useEffect, useRef } from 'react';
import { Form as AriaForm } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button } from '../button.js';
import { DialogActions } from '../overlays/dialog.js';
import { Notice } from '../surface.js';
import type { FormState } from './use-form.js';

interface Props {
  form: Pick<FormState, 'busy' | 'refusal' | 'submit'>;
  /** The words of the button that sends it. */
  submit: string;
  look?: 'primary' | 'secondary' | 'danger';
  /** There is nothing to send. */
  idle?: boolean;
  /** Buttons after the one that sends. */
  more?: ReactNode;
  /** In a dialog: the way out. */
  onCancel?: () => void;
  /** Before it is sent by `form.submit`, where more is to be asked. */
  onSubmit?: () => void;
  /** `narrow`: a part of a screen; `boxed`: all of it, with what is said first and buttons as wide as the fields. */
  layout?: 'narrow' | 'boxed';
  /** Said where a refusal is that belongs to no field, until there is one. */
  notice?: string | undefined;
  children: ReactNode;
}

/** Shows what the server refused beside the fields, the first of which has the focus then; the words go when the person types on. */
export function Form({ form, layout, children, notice, onSubmit = () => void form.submit(), ...actions }: Props) {
  const element = useRef<HTMLFormElement>(null);
  const { errors, message, clear } = form.refusal;

  useEffect(() => {
    const fields = Object.keys(errors).map((name) => element.current?.elements.namedItem(name));
    const first = fields.find((field) => field instanceof HTMLElement);
    if (first instanceof HTMLElement) first.focus();
  }, [errors]);

  const said = (message ?? notice) && (
    <Notice tone={message ? 'danger' : 'warn'} live>
      {message ?? notice}
    </Notice>
  );
  return (
    <div
      onInput={({ target }) => {
        clear();
        checkAgain(target);
      }}
    >
      <AriaForm
        ref={element}
        className="stack"
        {...(layout === 'narrow' && { style: { maxWidth: '26rem' } })}
        validationErrors={errors}
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {layout === 'boxed' && said}
        {children}
        {layout !== 'boxed' && said}
        <Actions form={form} layout={layout} {...actions} />
      </AriaForm>
    </div>
  );
}

type ActionProps = Pick<Props, 'form' | 'submit' | 'look' | 'idle' | 'more' | 'onCancel'> & { layout: Props['layout'] };

function Actions({ form, submit, look = 'primary', idle = false, more, onCancel, layout }: ActionProps) {
  const { t } = useTranslation();
  const button = (
    <Button look={look} type="submit" busy={form.busy} idle={idle}>
      {submit}
    </Button>
  );
  if (onCancel) {
    return (
      <DialogActions>
        <Button onPress={onCancel}>{t('action.cancel')}</Button>
        {button}
      </DialogActions>
    );
  }
  const all = (
    <>
      {button}
      {more}
    </>
  );
  return layout === 'boxed' ? all : <div className="row">{all}</div>;
}

/**
 * An error goes while one types what is right. React Aria takes it away when the field is left: the button that one is
 * about to press would move away under the pointer.
 */
function checkAgain(field: EventTarget): void {
  const isTyped = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
  if (isTyped && field.getAttribute('aria-invalid') === 'true') {
    requestAnimationFrame(() => field.dispatchEvent(new Event('change', { bubbles: true })));
  }
}
