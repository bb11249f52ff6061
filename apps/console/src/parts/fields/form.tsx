import { type ReactNode, useEffect, useRef } from 'react';
import { Form as AriaForm } from 'react-aria-components';
import type { Refusal } from '../../language/use-sentences.js';
import { Notice } from '../surface.js';

interface Props {
  refusal: Refusal;
  onSubmit: () => Promise<void>;
  narrow?: boolean;
  children: ReactNode;
}

/** Shows what the server refused beside the fields, the first of which has the focus then; the words go when the person types on. */
export function Form({ refusal, onSubmit, narrow, children }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const underWay = useRef(false);
  const { errors } = refusal;

  useEffect(() => {
    const [first] = Object.keys(errors);
    const field = first === undefined ? null : form.current?.elements.namedItem(first);
    if (field instanceof HTMLElement) field.focus();
  }, [errors]);

  /** One at a time: a second press of Enter, or the sixth digit of a code and a press, are one sending. */
  async function submit() {
    if (underWay.current) return;
    underWay.current = true;
    await onSubmit().finally(() => (underWay.current = false));
  }

  return (
    <div
      onInput={({ target }) => {
        refusal.clear();
        checkAgain(target);
      }}
    >
      <AriaForm
        ref={form}
        className="stack"
        {...(narrow && { style: { maxWidth: '26rem' } })}
        validationErrors={errors}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {children}
      </AriaForm>
    </div>
  );
}

/**
 * An error goes while one types what is right. React Aria takes it away when the field is left: the button that one is
 * about to press would move away under the pointer.
 */
function checkAgain(field: EventTarget): void {
  if (field instanceof HTMLInputElement && field.getAttribute('aria-invalid') === 'true') {
    requestAnimationFrame(() => field.dispatchEvent(new Event('change', { bubbles: true })));
  }
}

/** What was refused but belongs to no field. */
export const Refused = ({ refusal }: { refusal: Refusal }) =>
  refusal.message && (
    <Notice tone="danger" live>
      {refusal.message}
    </Notice>
  );
