import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { accessibilityFindings } from '../support/accessibility.ts';
import { App } from '../support/app.ts';
import { launchBrowser } from '../support/browser.ts';
import { createProject } from '../support/project.ts';
import { Stack, root, temporaryFolder } from '../support/stack.ts';

// KEEP_SCREENS=1 renews the pictures that the documents show.
const folder = join(root, process.env['KEEP_SCREENS'] === '1' ? 'infra/docs/images' : 'e2e/results/screens');
const rail = (app: App, name: string) =>
  app.page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name })
    .or(app.page.getByRole('navigation', { name: 'Main' }).getByText(name, { exact: true }))
    .first();

describe('how every view looks', () => {
  const home = temporaryFolder('home');
  const project = temporaryFolder('project');
  const shop = join(project.path, 'shop');
  let stack: Stack;
  let browser: Browser;
  let app: App;
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    createProject(shop);
    [stack, browser] = await Promise.all([Stack.start(home.path), launchBrowser()]);
    app = await App.open(browser, stack);
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    home.cleanUp();
    project.cleanUp();
  });

  /** Draws the present view in both themes and two widths; gives what axe finds in any of them. */
  async function draw(name: string): Promise<string[]> {
    const findings: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      for (const width of [1280, 800]) {
        await app.page.setViewportSize({ width, height: 800 });
        await app.page.waitForFunction(() => document.fonts.status === 'loaded');
        await app.page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
        findings.push(
          ...(await accessibilityFindings(app.page)).map((finding) => `${name} ${theme} ${width}: ${finding}`),
        );
      }
    }
    await app.page.setViewportSize({ width: 1280, height: 800 });
    await app.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    return findings;
  }

  it('is drawn in both themes and two widths without accessibility findings [looks-1]', async () => {
    const { page } = app;
    const findings: string[] = [];
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    findings.push(...(await draw('sign-in')));
    await app.signIn('alice');
    findings.push(...(await draw('empty')));
    await rail(app, 'New conversation').click();
    await page.getByLabel('Folder path').waitFor();
    findings.push(...(await draw('new-conversation')));
    await app.openFolder(shop);
    findings.push(...(await draw('conversation-empty')));
    await app.send('Rename the function add to sum across the folder and run the tests.');
    await page.getByRole('button', { name: 'Approve once' }).first().waitFor();
    findings.push(...(await draw('approval')));
    await rail(app, 'Inbox').click();
    await page.getByRole('heading', { name: 'Inbox' }).first().waitFor();
    findings.push(...(await draw('inbox')));
    await page.goBack();
    await page.getByRole('button', { name: 'Approve once' }).first().click();
    await app.done();
    findings.push(...(await draw('conversation')));
    await page.getByTestId('open-changes').click();
    await page.getByRole('button', { name: 'Revert file src/receipt.js' }).waitFor();
    findings.push(...(await draw('changes')));
    await page.getByRole('button', { name: 'Close changes' }).click();
    await rail(app, 'History').click();
    await page.getByText('shop', { exact: true }).first().click();
    await page
      .getByRole('main')
      .getByText(/Rename the function add/)
      .first()
      .click();
    await page
      .getByRole('main')
      .getByRole('button', { name: /^(Continue|Open)$/ })
      .first()
      .waitFor();
    findings.push(...(await draw('history')));
    await rail(app, 'Settings').click();
    await page.getByRole('heading', { name: 'Settings' }).first().waitFor();
    findings.push(...(await draw('settings')));
    await rail(app, 'Diagnostics').click();
    await page.getByRole('heading', { name: 'Services' }).first().waitFor();
    findings.push(...(await draw('diagnostics')));

    expect(findings).toEqual([]);
    expect(app.problems).toEqual([]);
  }, 600_000);
});
