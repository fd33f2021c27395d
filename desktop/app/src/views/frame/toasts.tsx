import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { dismissToast, useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { IconButton } from '../../ui/button.tsx';

/** Sentences about what just happened, at the foot of the window; spoken as they appear. */
export function Toasts(): ReactNode {
  const toasts = useAppStore((state) => state.toasts);
  return (
    <div className="toasts" role="status" aria-live="polite" data-testid="toasts">
      {toasts.map((toast) => (
        <div key={toast.id} className={`toast ${toast.tone}`}>
          <span className="grow">{toast.text}</span>
          <IconButton small label={text.app.dismiss} icon={<X size={14} />} onPress={() => dismissToast(toast.id)} />
        </div>
      ))}
    </div>
  );
}
