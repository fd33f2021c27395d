import { describe, expect, it } from '@jest/globals';
import { chooseDesktop } from '../../src/stack/desktop.ts';
import type { DesktopFacts } from '../../src/stack/desktop.ts';
import { appOf } from '../../src/stack/web-shell.ts';

function facts(extra: Partial<DesktopFacts> = {}): DesktopFacts {
  return { env: { DISPLAY: ':0' }, platform: 'linux', electron: '/opt/electron', mainBuilt: true, ...extra };
}

describe('choosing the desktop', () => {
  it.each([
    [facts(), 'electron', 'Electron is installed'],
    [facts({ electron: undefined }), 'browser', "Electron's binary is not installed"],
    [facts({ mainBuilt: false }), 'browser', 'the Electron shell is not built'],
    [facts({ env: {} }), 'browser', 'there is no display for Electron'],
    [facts({ env: {}, platform: 'darwin' }), 'electron', 'Electron is installed'],
    [facts({ env: { STEWARD_DESKTOP: 'browser' } }), 'browser', 'STEWARD_DESKTOP=browser asks for it'],
  ])('takes, for %j, %s because %s', (given, kind, reason) => {
    expect(chooseDesktop(given)).toMatchObject({ kind, reason });
  });
});

describe("the web shell's ready line", () => {
  it.each([
    ['{"ready":true,"app":"http://127.0.0.1:1/?launch=x"}', 'http://127.0.0.1:1/?launch=x'],
    ['{"ready":false,"app":"http://127.0.0.1:1/"}', undefined],
    ['hello', undefined],
    ['null', undefined],
  ])('in %s is %s', (line, app) => {
    expect(appOf(line)).toBe(app);
  });
});
