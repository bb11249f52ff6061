import { useState } from 'react';
import { Form } from '../fields/form.js';
import { useForm } from '../fields/use-form.js';
import { useTime } from '../use-time.js';
import { Dialog } from './dialog.js';
import { ShownOnce } from './shown-once.js';

interface Link {
  url: string;
  expiresAt: string;
}

interface Props {
  /** Where its refusals are worded. */
  place: string;
  title: string;
  /** What the link will do. */
  what: string;
  submit: string;
  /** @throws what the dialog shows */
  make: () => Promise<Link>;
  /** What is said of it when it is there. */
  made: (time: string) => string;
  onClose: () => void;
}

/** A link that lets in whoever has it: asks, makes it, and shows it this once. */
export function MakeLink({ place, title, what, submit, make, made, onClose }: Props) {
  const time = useTime();
  const [link, setLink] = useState<Link | null>(null);
  const form = useForm({
    place,
    async send() {
      setLink(await make());
    },
  });

  return (
    <Dialog title={title} isOpen stays={link !== null} onClose={onClose}>
      {link ? (
        <ShownOnce secret={link.url} what={made(time(link.expiresAt))} onClose={onClose} />
      ) : (
        <Form form={form} submit={submit} onCancel={onClose}>
          <p>{what}</p>
        </Form>
      )}
    </Dialog>
  );
}
