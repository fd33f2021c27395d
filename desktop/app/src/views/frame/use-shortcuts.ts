import { useEffect } from 'react';
import { navigate, setOverlay, useAppStore } from '../../state/app-store.ts';
import { outOf } from '../../state/route.ts';

/** Whether a key press belongs to text that is being typed. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

/** The keys that work everywhere: the palette, the keyboard map, and one level out. */
export function useShortcuts(active: boolean): void {
  useEffect(() => {
    if (!active) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      // The editor of policies lives in a shadow root, where the event's own target is only its host.
      const target = event.composedPath()[0] ?? event.target;
      const { overlay, route } = useAppStore.getState();
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setOverlay(overlay === 'palette' ? null : 'palette');
        return;
      }
      if (overlay !== null || document.querySelector('[role="alertdialog"], .modal-overlay, .popover') !== null) return;
      if (event.key === '?' && !isTyping(target)) {
        event.preventDefault();
        setOverlay('keyboard');
      }
      if (event.key === 'Escape') {
        if (useAppStore.getState().railOpen) {
          useAppStore.setState({ railOpen: false });
          return;
        }
        if (isTyping(target)) {
          (document.querySelector<HTMLElement>('[data-focus-home]') ?? document.getElementById('content'))?.focus();
          return;
        }
        const out = outOf(route);
        if (out) {
          navigate(out);
          document.getElementById('content')?.focus();
        }
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [active]);
}
