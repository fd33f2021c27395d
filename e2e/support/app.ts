import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Stack } from './stack.ts';

const messages = '[data-testid="thread"] article.person';
/** Far more than any machine needs. */
const patienceMs = 60_000;

/** The app of a stack in a browser, driven by the names a person sees. */
export class App {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors that the page logged; a test expects none. */
  readonly problems: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text());
    });
  }

  /** Opens the app by a launch link that has not been used yet. */
  static open(browser: Browser, stack: Stack): Promise<App> {
    return App.openAt(browser, launchLink(stack));
  }

  /** Opens the app by a given launch link. */
  static async openAt(browser: Browser, link: string): Promise<App> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    const app = new App(context, await context.newPage());
    app.page.setDefaultTimeout(patienceMs);
    await app.page.goto(link);
    return app;
  }

  async signIn(name: string): Promise<void> {
    const { page } = this;
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(name);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
  }

  /** Opens a project folder by its path. */
  async openFolder(folder: string): Promise<void> {
    const { page } = this;
    await page.getByRole('navigation', { name: 'Main' }).getByText('New conversation', { exact: true }).click();
    await page.getByLabel('Folder path').fill(folder);
    await page.getByRole('button', { name: 'Open folder' }).click();
    await this.composer().waitFor();
  }

  composer() {
    return this.page.getByLabel('Message to the agent');
  }

  /** Sends a message and waits until the conversation shows it. */
  async send(prompt: string): Promise<void> {
    const before = await this.page.evaluateHandle((all) => Array.from(document.querySelectorAll(all)).at(-1), messages);
    await this.composer().fill(prompt);
    await this.composer().press('Enter');
    await this.page.waitForFunction(
      ({ all, last }) => {
        const newest = Array.from(document.querySelectorAll(all)).at(-1);
        return newest !== undefined && newest !== last;
      },
      { all: messages, last: before },
      { timeout: patienceMs },
    );
  }

  /** Waits until the task of the newest message is done; what earlier tasks say does not count. */
  async done(): Promise<void> {
    await this.page.waitForFunction(
      ({ all, ends }) => {
        const message = Array.from(document.querySelectorAll(all)).at(-1);
        const end = Array.from(document.querySelectorAll(ends)).at(-1);
        if (message === undefined || end === undefined) return false;
        return (message.compareDocumentPosition(end) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
      },
      { all: messages, ends: '[data-testid="task-completed"]' },
      { timeout: patienceMs },
    );
  }

  /** From the next load of the page on, the host's answer to one call is an error, until it is restored. */
  async failCalls(name: string): Promise<{ readonly restore: () => void }> {
    let failing = true;
    const error = {
      code: 'SERVICE_UNAVAILABLE',
      message: 'The service does not answer.',
      retryable: true,
      details: {},
    };
    await this.page.routeWebSocket(/\/bridge$/, (socket) => {
      const host = socket.connectToServer();
      socket.onMessage((message) => {
        const call = JSON.parse(String(message)) as { readonly id: number; readonly name: string };
        if (failing && call.name === name) socket.send(JSON.stringify({ id: call.id, ok: false, error }));
        else host.send(message);
      });
    });
    return { restore: () => void (failing = false) };
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

/** The newest launch link; the shell makes a new one after each use. */
export function launchLink(stack: Stack): string {
  const token = readFileSync(join(stack.ready.home, 'run/launch-token'), 'utf8').trim();
  return `${new URL(stack.ready.app!).origin}/?launch=${token}`;
}
