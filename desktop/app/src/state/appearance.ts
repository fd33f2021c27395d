import type { Settings } from '@steward/desktop-host/contract';

const storageKey = 'steward.appearance';

/** Puts theme and motion on the page and remembers them for the first paint of the next start. */
export function applyAppearance(settings: Pick<Settings, 'theme' | 'reduceMotion'>): void {
  const root = document.documentElement;
  if (settings.theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = settings.theme;
  if (settings.reduceMotion) root.dataset['motion'] = 'reduced';
  else delete root.dataset['motion'];
  try {
    localStorage.setItem(storageKey, JSON.stringify({ theme: settings.theme, reduceMotion: settings.reduceMotion }));
  } catch {
    // Storage may be off; the choice still holds in the host's settings.
  }
}

/** Applies what was remembered, before the host has answered. */
export function applyStoredAppearance(): void {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return;
    const { theme, reduceMotion } = stored as Record<string, unknown>;
    applyAppearance({
      theme: theme === 'light' || theme === 'dark' ? theme : 'system',
      reduceMotion: reduceMotion === true,
    });
  } catch {
    // An unreadable memory is no memory.
  }
}
