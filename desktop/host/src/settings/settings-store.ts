import type { Settings } from '../contract/bridge.ts';
import { checkCallParams } from '../contract/call-schemas.ts';
import { JsonFile } from '../files/json-file.ts';

const maxRecentFolders = 20;

/** What applies until a person chooses otherwise. */
export const defaultSettings: Settings = {
  theme: 'system',
  reduceMotion: false,
  railCollapsed: false,
  diffStyle: 'unified',
  taskOptions: { maxSteps: 40, allowNetwork: true, approvalMode: 'on_risky_actions' },
  recentFolders: [],
};

/** A person's choices on this machine, kept in one file. */
export interface SettingsStore {
  readonly value: Settings;
  /** Changes the given fields only; resolves with the whole when it is on disk. */
  change(changes: Partial<Settings>): Promise<Settings>;
  /** Puts a folder first in the list of recent ones. */
  rememberFolder(path: string): Promise<void>;
}

/** Opens the settings; unknown or invalid fields of the file fall back to their defaults. */
export async function openSettingsStore(path: string, onDamaged: (keptAs: string) => void): Promise<SettingsStore> {
  const file = await JsonFile.open<Settings>({ path, read: readSettings, fallback: defaultSettings, onDamaged });
  const change = async (changes: Partial<Settings>): Promise<Settings> => {
    await file.replace({ ...file.value, ...changes });
    return file.value;
  };
  return {
    get value() {
      return file.value;
    },
    change,
    rememberFolder: async (folder) => {
      const others = file.value.recentFolders.filter((known) => known !== folder);
      await change({ recentFolders: [folder, ...others].slice(0, maxRecentFolders) });
    },
  };
}

function readSettings(content: unknown): Settings | undefined {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
  const kept = Object.entries(content).filter(([name, value]) => {
    try {
      checkCallParams('setSettings', { settings: { [name]: value } });
      return true;
    } catch {
      return false;
    }
  });
  return { ...defaultSettings, ...(Object.fromEntries(kept) as Partial<Settings>) };
}
