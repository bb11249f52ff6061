import { useTranslation } from 'react-i18next';
import { TextField } from '../../parts/fields/field.js';
import { Form } from '../../parts/fields/form.js';
import { useForm } from '../../parts/fields/use-form.js';
import { Dialog } from '../../parts/overlays/dialog.js';

const MOST_CHARACTERS = 64;

interface Props {
  title: string;
  submit: string;
  /** As it is called now. */
  name?: string;
  /** @throws what the form shows */
  send: (name: string) => Promise<void>;
  onClose: () => void;
}

/** Asks what an authenticator is called. */
export function NameDialog({ title, submit, name = '', send, onClose }: Props) {
  const { t } = useTranslation();
  const form = useForm({
    place: 'authenticators',
    empty: { name },
    send: ({ name: typed }) => send(typed.trim()),
  });
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      <Form form={form} submit={submit} onCancel={onClose}>
        <TextField
          {...form.field('name')}
          label={t('authenticators.name')}
          hint={t('authenticators.nameHint')}
          isRequired
          autoFocus
          autoComplete="off"
          validate={(text) => {
            const { length } = text.trim();
            return length > 0 && length <= MOST_CHARACTERS ? null : t('malformed.name');
          }}
        />
      </Form>
    </Dialog>
  );
}
