import { existsSync } from 'node:fs';
import chromiumPackage from '@sparticuz/chromium';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A real Chromium: CHROMIUM_PATH, an installed one, or the one that comes as a package on Linux x64. */
export async function browserExecutable(): Promise<string> {
  const given = process.env['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') return given;
  return installed.find((path) => existsSync(path)) ?? (await chromiumPackage.executablePath());
}

/** Launches the browser without its background traffic. The caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  const args = [
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
  ];
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: await browserExecutable(),
    args: isRoot ? ['--no-sandbox', ...args] : args,
  });
}
