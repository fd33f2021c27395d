import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { navigate } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { IconButton } from '../../ui/button.tsx';

/** The way back to the list where there is room for one pane only. */
export function BackToList(): ReactNode {
  return (
    <span className="policy-back">
      <IconButton
        small
        label={text.policy.back}
        icon={<ArrowLeft size={16} />}
        onPress={() => navigate({ view: 'policy', version: null, tab: 'edit', history: false })}
      />
    </span>
  );
}
