import { CirclePause, PlugZap } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { recover } from '../../state/actions.ts';
import { useAppStore } from '../../state/app-store.ts';
import { conversationOf } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';
import { errorRemedy } from '../../text/errors.ts';
import { Button } from '../../ui/button.tsx';
import { Ago } from '../../ui/time.tsx';

/** Why a conversation does not go on by itself, and how it does: interrupted or paused. */
export function ConversationBanner({ sessionId }: { readonly sessionId: string }): ReactNode {
  const conversation = useAppStore((state) => conversationOf(state, sessionId));
  const [busy, setBusy] = useState(false);
  if (!conversation) return null;
  const act = async (action: 'resume' | 'start_fresh' | 'close'): Promise<void> => {
    setBusy(true);
    await recover(sessionId, action);
    setBusy(false);
  };
  const { interruption, pause } = conversation;
  if (interruption) {
    return (
      <div className="banner danger" role="alert" data-testid="interrupted">
        <PlugZap size={18} aria-hidden />
        <div className="grow">
          <p>
            <strong>{text.ends.interrupted}</strong>{' '}
            <span className="soft">
              <Ago iso={interruption.since} />
            </span>
          </p>
          <p>{interruption.message}</p>
          <p className="soft">{text.ends.interruptedHint}</p>
        </div>
        <div className="row">
          <Button tone="primary" isDisabled={busy} onPress={() => void act('resume')}>
            {text.ends.resume}
          </Button>
          <Button isDisabled={busy} onPress={() => void act('start_fresh')}>
            {text.ends.startFresh}
          </Button>
          <Button isDisabled={busy} onPress={() => void act('close')}>
            {text.ends.closeIt}
          </Button>
        </div>
      </div>
    );
  }
  if (!pause) return null;
  return (
    <div className="banner warn" role="status" data-testid="paused">
      <CirclePause size={18} aria-hidden />
      <div className="grow">
        <p>
          <strong>{text.ends.paused}</strong>{' '}
          <span className="soft">
            <Ago iso={pause.since} />
          </span>
        </p>
        <p>{pause.message}</p>
        <p className="soft">{pause.waitsFor ? text.ends.waitsFor[pause.waitsFor] : errorRemedy(pause)}</p>
      </div>
      <Button tone="primary" isDisabled={busy} onPress={() => void act('resume')}>
        {text.ends.resume}
      </Button>
    </div>
  );
}
