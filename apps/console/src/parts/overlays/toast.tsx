import {
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button } from '../button.js';
import { Icon } from '../icon.js';
import style from './toast.module.css';

interface Told {
  text: string;
  tone?: 'danger' | 'warn';
}

const queue = new ToastQueue<Told>({ maxVisibleToasts: 4 });
/** Long enough to read (React Aria asks for 5 seconds at least); hovering or focusing it stops its clock. */
const SHOWN_MS = 7000;

/** Says what happened. */
export const tell = (text: string, tone?: Told['tone']): void =>
  void queue.add({ text, ...(tone && { tone }) }, { timeout: SHOWN_MS });

/** For what nothing may lie over. */
export const clearToasts = (): void => queue.clear();

export function Toasts() {
  const { t } = useTranslation();
  return (
    <ToastRegion queue={queue} className={style.region} aria-label={t('shell.messages')}>
      {({ toast }) => (
        <Toast toast={toast} className={`${style.toast} ${toast.content.tone ? style[toast.content.tone] : ''}`}>
          <ToastContent>
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          <Button look="icon" slot="close" aria-label={t('action.close')}>
            <Icon name="close" />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}
