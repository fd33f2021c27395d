import { useState } from 'react';
import type { ReactNode } from 'react';
import { text } from '../text/catalogue.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

/** Asks before something that can't be taken back. The safe answer is focused first. */
export function Confirm(props: {
  readonly title: string;
  readonly action: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onConfirm: () => Promise<unknown>;
  readonly children: ReactNode;
}): ReactNode {
  const [busy, setBusy] = useState(false);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    await props.onConfirm();
    setBusy(false);
    props.onClose();
  };
  const footer = (
    <>
      <Button autoFocus onPress={props.onClose}>
        {text.app.cancel}
      </Button>
      <Button tone="danger-fill" isPending={busy} onPress={() => void confirm()}>
        {props.action}
      </Button>
    </>
  );
  return (
    <Dialog role="alertdialog" title={props.title} isOpen={props.isOpen} onClose={props.onClose} footer={footer}>
      {props.children}
    </Dialog>
  );
}
