import { FolderLock } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { postponeTrust, setFolderTrust } from '../../state/actions.ts';
import { useAppStore } from '../../state/app-store.ts';
import { conversationOf } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';

/** Says what stays inert in a folder that nobody trusts yet, until the person decides or puts it off. */
export function TrustBanner({ sessionId }: { readonly sessionId: string }): ReactNode {
  const untrusted = useAppStore((state) => {
    const conversation = conversationOf(state, sessionId);
    return conversation?.folderTrusted === false && conversation.runtime === 'running';
  });
  const postponed = useAppStore((state) => state.trustPostponed.includes(sessionId));
  const [busy, setBusy] = useState(false);
  if (!untrusted || postponed) return null;
  const trust = async (): Promise<void> => {
    setBusy(true);
    await setFolderTrust(sessionId, true);
    setBusy(false);
  };
  return (
    <section className="banner" aria-label={text.trust.title} data-testid="folder-trust">
      <FolderLock size={18} aria-hidden />
      <div className="grow">
        <p>
          <strong>{text.trust.title}</strong>
        </p>
        <p className="soft">{text.trust.lead}</p>
      </div>
      <div className="row">
        <Button isDisabled={busy} onPress={() => void trust()}>
          {text.trust.trust}
        </Button>
        <Button isDisabled={busy} onPress={() => postponeTrust(sessionId)}>
          {text.trust.notNow}
        </Button>
      </div>
    </section>
  );
}
