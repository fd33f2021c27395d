import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

/** A dialog over the page. Esc and a click beside it close it; focus returns to where it came from. */
export function Dialog(props: {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  readonly role?: 'dialog' | 'alertdialog';
  readonly wide?: boolean;
}): ReactNode {
  return (
    <ModalOverlay
      className="modal-overlay"
      isDismissable
      isOpen={props.isOpen}
      onOpenChange={(open) => !open && props.onClose()}
    >
      <Modal className={`modal${props.wide ? ' wide' : ''}`}>
        <AriaDialog className="dialog" role={props.role ?? 'dialog'}>
          <div className="dialog-head">
            <Heading slot="title" level={2}>
              {props.title}
            </Heading>
          </div>
          <div className="dialog-body">{props.children}</div>
          {props.footer ? <div className="dialog-foot">{props.footer}</div> : null}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
