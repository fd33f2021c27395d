import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** How the desktop is shown. */
export type DesktopChoice =
  | { readonly kind: 'electron'; readonly binary: string; readonly reason: string }
  | { readonly kind: 'browser'; readonly reason: string };

/** Where the choice is made. */
export interface DesktopFacts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Path of Electron's binary, when it is installed. */
  readonly electron: string | undefined;
  /** True when the Electron main bundle was built. */
  readonly mainBuilt: boolean;
}

/** Chooses Electron where it can run, the browser otherwise; `reason` completes "opens in … because …". */
export function chooseDesktop({ env, platform, electron, mainBuilt }: DesktopFacts): DesktopChoice {
  if (env['STEWARD_DESKTOP'] === 'browser') return { kind: 'browser', reason: 'STEWARD_DESKTOP=browser asks for it' };
  if (electron === undefined) return { kind: 'browser', reason: "Electron's binary is not installed" };
  if (!mainBuilt) return { kind: 'browser', reason: 'the Electron shell is not built' };
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) {
    return { kind: 'browser', reason: 'there is no display for Electron' };
  }
  return { kind: 'electron', binary: electron, reason: 'Electron is installed' };
}

/** Finds Electron's binary without ever starting its download. */
export function findElectron(root: string): string | undefined {
  try {
    const folder = dirname(createRequire(join(root, 'package.json')).resolve('electron/package.json'));
    const binary = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim());
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** Opens an address in the person's browser; failing to do so is not an error, the address is printed anyway. */
export function openInBrowser(address: string, platform: NodeJS.Platform): void {
  const [command, ...args] =
    platform === 'darwin'
      ? ['open', address]
      : platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address];
  const child = spawn(command as string, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
