import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button } from '../button.js';
import style from './dialog.module.css';

interface Props {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  role?: 'dialog' | 'alertdialog';
  /** Goes by its buttons alone. */
  stays?: boolean;
}

export function Dialog({ title, isOpen, onClose, children, role = 'dialog', stays = false }: Props) {
  return (
    <ModalOverlay
      className={style.overlay}
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={role === 'dialog' && !stays}
      isKeyboardDismissDisabled={stays}
    >
      <Modal className={style.modal}>
        <AriaDialog className={style.dialog} role={role}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export const DialogActions = ({ children }: { children: ReactNode }) => <div className={style.actions}>{children}</div>;

interface Confirmation extends Omit<Props, 'role' | 'stays' | 'children'> {
  children: ReactNode;
  confirm: string;
  onConfirm: () => void;
}

/** Asks before what cannot be taken back. */
export function Confirm({ confirm, onConfirm, children, ...props }: Confirmation) {
  const { t } = useTranslation();
  return (
    <Dialog {...props} role="alertdialog">
      <div className="stack-s">{children}</div>
      <DialogActions>
        <Button onPress={props.onClose} autoFocus>
          {t('action.cancel')}
        </Button>
        <Button
          look="danger"
          onPress={() => {
            props.onClose();
            onConfirm();
          }}
        >
          {confirm}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
