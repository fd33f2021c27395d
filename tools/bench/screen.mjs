/* global document, requestAnimationFrame */
/** How long an event takes from the runtime to the screen, in a real browser through the web shell. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

async function browserExecutable() {
  const given = process.env.CHROMIUM_PATH ?? installed.find((path) => existsSync(path));
  return given ?? (await (await import('@sparticuz/chromium')).default.executablePath());
}

/** Notes when each session event arrived in the page and when the frame after it was painted. */
function watchEvents() {
  globalThis.seenEvents = [];
  const Plain = globalThis.WebSocket;
  globalThis.WebSocket = class extends Plain {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        const event = JSON.parse(data).event;
        if (event?.type !== 'session_event') return;
        const entry = { made: Date.parse(event.event.timestamp), arrived: performance.timeOrigin + performance.now() };
        globalThis.seenEvents.push(entry);
        requestAnimationFrame(() => setTimeout(() => (entry.painted = performance.timeOrigin + performance.now())));
      });
    }
  };
}

/** Runs one streamed task in the app and gives, per event, milliseconds from the runtime to arrival and to paint. */
export async function measureScreen(ready, project) {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: await browserExecutable(),
    args: ['--disable-gpu', '--disable-background-networking', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    await page.addInitScript(watchEvents);
    const token = readFileSync(join(ready.home, 'run/launch-token'), 'utf8').trim();
    await page.goto(`${new URL(ready.app).origin}/?launch=${token}`);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByLabel('Name').fill('alice');
    await page.getByLabel('Password').fill('alice');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Main' }).getByText('New conversation', { exact: true }).click();
    await page.getByLabel('Folder path').fill(project);
    await page.getByRole('button', { name: 'Open folder' }).click();
    const composer = page.getByLabel('Message to the agent');
    for (let turn = 1; turn <= 3; turn += 1) {
      await composer.fill('Explain notes.txt');
      await composer.press('Enter');
      await page.waitForFunction((count) => document.body.innerText.split('Done in').length > count, turn);
    }
    await page.waitForFunction(() => globalThis.seenEvents.every((entry) => entry.painted));
    const seen = await page.evaluate(() => globalThis.seenEvents);
    return {
      arrival: seen.map((entry) => Math.max(0, entry.arrived - entry.made)),
      paint: seen.map((entry) => Math.max(0, entry.painted - entry.made)),
    };
  } finally {
    await browser.close();
  }
}
