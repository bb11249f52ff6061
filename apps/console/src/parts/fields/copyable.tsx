import { useTranslation } from 'react-i18next';
import { Button } from '../button.js';
import { Icon } from '../icon.js';
import { tell } from '../overlays/toast.js';
import style from './copyable.module.css';

interface Props {
  text: string;
  /** What is copied, where that is not what stands there. */
  copied?: string;
  words: { copy: string; done: string };
  testId: string;
  autoFocus?: boolean;
}

/** A text for another program, and the button that takes it there. */
export function Copyable({ text, copied = text, words, testId, autoFocus = false }: Props) {
  const { t } = useTranslation();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(copied);
      tell(words.done);
    } catch {
      // not allowed, or the page came by http, where browsers have no clipboard
      tell(t('action.notCopied'), 'danger');
    }
  };
  return (
    <div className={style.copyable}>
      <code data-testid={testId}>{text}</code>
      <Button look="quiet" autoFocus={autoFocus} onPress={() => void copy()}>
        <Icon name="copy" />
        {words.copy}
      </Button>
    </div>
  );
}
