import './frame.css';
import { lazy, Suspense } from 'react';
import type { ReactNode } from 'react';
import { setOverlay, useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { KeyboardMap } from './keyboard-map.tsx';
import { Rail } from './rail.tsx';
import { Toasts } from './toasts.tsx';

const CommandPalette = lazy(() =>
  import('./command-palette.tsx').then((module) => ({ default: module.CommandPalette })),
);

/** What stays around every view: the rail, the line about a lost connection, the palette and the toasts. */
export function Frame({ children }: { readonly children: ReactNode }): ReactNode {
  const collapsed = useAppStore((state) => state.snapshot?.settings.railCollapsed === true);
  const railOpen = useAppStore((state) => state.railOpen);
  const down = useAppStore((state) => state.connection === 'down');
  const locked = useAppStore((state) => state.locked);
  const overlay = useAppStore((state) => state.overlay);
  return (
    <div className={`frame${collapsed ? ' collapsed' : ''}${railOpen ? ' rail-open' : ''}`}>
      <a className="skip-link" href="#content" onClick={focusContent}>
        {text.app.skipLink}
      </a>
      <Rail collapsed={collapsed} />
      {railOpen ? <div className="rail-shade" onClick={() => useAppStore.setState({ railOpen: false })} /> : null}
      <main id="content" className="content" tabIndex={-1}>
        {down ? (
          <p className="offline" role="alert">
            {locked ? text.app.locked : text.app.offline}
          </p>
        ) : null}
        <div className="content-view">{children}</div>
      </main>
      <Toasts />
      <KeyboardMap isOpen={overlay === 'keyboard'} onClose={() => setOverlay(null)} />
      <Suspense fallback={null}>
        {overlay === 'palette' ? <CommandPalette onClose={() => setOverlay(null)} /> : null}
      </Suspense>
    </div>
  );
}

// The fragment of the address holds the route, so the link moves focus itself.
function focusContent(event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}
