import './sign-in.css';
import { LogIn, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { signIn } from '../../state/actions.ts';
import { useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Toasts } from '../frame/toasts.tsx';

/** The page before anybody is signed in. */
export function SignInView(): ReactNode {
  const identity = useAppStore((state) => state.snapshot?.identity);
  const offline = useAppStore((state) => state.connection === 'down');
  const [opening, setOpening] = useState(false);
  const waiting = identity?.state === 'signing_in';
  const start = async (): Promise<void> => {
    setOpening(true);
    await signIn();
    setOpening(false);
  };
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <ShieldCheck size={28} aria-hidden />
        <h1>{text.signIn.title}</h1>
        <p className="soft">{text.signIn.lead}</p>
        {identity?.message ? (
          <p className="banner" role="status">
            {identity.message}
          </p>
        ) : null}
        {waiting ? <p role="status">{text.signIn.waiting}</p> : null}
        <Button
          tone="primary"
          autoFocus
          icon={<LogIn size={16} aria-hidden />}
          isDisabled={offline || opening}
          onPress={() => void start()}
        >
          {waiting ? text.signIn.again : text.signIn.action}
        </Button>
        <p className="small soft" role="status">
          {offline ? text.app.offline : opening ? text.signIn.opening : ''}
        </p>
      </div>
      <Toasts />
    </main>
  );
}
