import { useTranslation } from 'react-i18next';
import { Button } from '../button.js';
import { Copyable } from '../fields/copyable.js';
import { Notice } from '../surface.js';
import { useForgetting } from '../use-forgetting.js';
import { DialogActions } from './dialog.js';

interface Props {
  /** What lets in whoever has it. */
  secret: string;
  /** What one should know of it. */
  what: string;
  /** Forgets it. */
  onClose: () => void;
}

/** In a dialog: what the product says this once. */
export function ShownOnce({ secret, what, onClose }: Props) {
  const { t } = useTranslation();
  useForgetting(onClose);
  return (
    <>
      <p>{what}</p>
      <Notice tone="warn">{t('shownOnce.warning')}</Notice>
      <Copyable
        text={secret}
        words={{ copy: t('shownOnce.copy'), done: t('shownOnce.copied') }}
        testId="shown-once"
        autoFocus
      />
      <DialogActions>
        <Button look="primary" onPress={onClose}>
          {t('shownOnce.done')}
        </Button>
      </DialogActions>
    </>
  );
}
