import { useState } from 'react';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

/** Asks for one sentence of why before something that everybody will see. It closes when that went well. */
export function ReasonDialog(props: {
  readonly title: string;
  readonly lead: string;
  readonly action: string;
  readonly danger?: boolean;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Resolves to whether it went well. */
  readonly onConfirm: (reason: string) => Promise<boolean>;
  readonly children?: ReactNode;
}): ReactNode {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const why = reason.trim();
  const confirm = async (): Promise<void> => {
    if (why === '') return;
    setBusy(true);
    const done = await props.onConfirm(why);
    setBusy(false);
    if (!done) return;
    setReason('');
    props.onClose();
  };
  const footer = (
    <>
      <Button onPress={props.onClose}>{text.app.cancel}</Button>
      <Button
        tone={props.danger ? 'danger-fill' : 'primary'}
        isPending={busy}
        isDisabled={why === ''}
        onPress={() => void confirm()}
      >
        {props.action}
      </Button>
    </>
  );
  return (
    <Dialog title={props.title} isOpen={props.isOpen} onClose={props.onClose} footer={footer}>
      <p>{props.lead}</p>
      {props.children}
      <label className="field">
        <span className="label">{text.policy.why}</span>
        <input
          className="input"
          autoFocus
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') void confirm();
          }}
        />
      </label>
    </Dialog>
  );
}
