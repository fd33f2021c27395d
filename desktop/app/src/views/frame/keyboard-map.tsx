import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

/** Every key that does something, on one card. */
export function KeyboardMap({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Dialog
      title={text.keyboard.title}
      isOpen={isOpen}
      onClose={onClose}
      footer={<Button onPress={onClose}>{text.app.close}</Button>}
    >
      <dl className="keyboard-map">
        {text.keyboard.rows.map(([keys, meaning]) => (
          <div key={keys} className="keyboard-row">
            <dt>
              <kbd className="kbd">{keys}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
