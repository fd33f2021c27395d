import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { accessibilityFindings } from '../support/accessibility.ts';
import { App } from '../support/app.ts';
import { launchBrowser } from '../support/browser.ts';
import { Desktop } from '../support/desktop.ts';
import { createProject } from '../support/project.ts';
import { Stack, root, temporaryFolder } from '../support/stack.ts';

// KEEP_SCREENS=1 renews the pictures that the documents show.
const folder = join(root, process.env['KEEP_SCREENS'] === '1' ? 'infra/docs/images' : 'e2e/results/screens');

/** The newest tool card of a conversation, once the call has ended one way or the other. */
const lastCard = (app: App, phase: string) =>
  app.page.locator(`[data-testid="tool-card"][data-phase="${phase}"]`).last();

describe('a policy that is tightened while people work', () => {
  const home = temporaryFolder('home');
  const adminHome = temporaryFolder('admin');
  const project = temporaryFolder('project');
  const findings: string[] = [];
  let stack: Stack;
  let browser: Browser;
  let admins: Desktop;
  let alice: App;
  let carol: App;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    createProject(project.path);
    execFileSync('git', ['init', '--quiet'], { cwd: project.path });
    [stack, browser] = await Promise.all([Stack.start(home.path), launchBrowser()]);
    admins = await Desktop.start(stack, adminHome.path);
    [alice, carol] = await Promise.all([App.open(browser, stack), App.openAt(browser, admins.app)]);
    await alice.signIn('alice');
    await carol.signIn('carol');
    await alice.openFolder(project.path);
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await admins?.stop();
    await stack?.stop();
    for (const each of [home, adminHome, project]) each.cleanUp();
  });

  /** Draws the present view in both themes and two widths, and collects what axe finds. */
  async function draw(app: App, name: string): Promise<void> {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      for (const width of [1280, 800]) {
        await app.page.setViewportSize({ width, height: 800 });
        await app.page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
        // The narrow window shows fewer of the same parts.
        const found = width === 1280 ? await accessibilityFindings(app.page) : [];
        findings.push(...found.map((finding) => `${name} ${theme} ${width}: ${finding}`));
      }
    }
    await app.page.setViewportSize({ width: 1280, height: 800 });
    await app.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  }

  it('is drafted, tried on recorded actions and published by an admin [policy-1]', async () => {
    await alice.send('Run `git status`');
    await alice.done();
    const { page } = carol;
    await page.getByRole('navigation', { name: 'Main' }).getByText('Policy', { exact: true }).click();
    await page.getByRole('button', { name: 'New draft' }).click();
    await draw(carol, 'policy-new-draft');
    await page.getByRole('button', { name: 'Start the draft' }).click();
    await page.locator('[data-capability="Shell.Exec"] summary').click();
    await page.getByRole('textbox', { name: 'Add to blocked commands' }).fill('git status');
    await page.getByRole('textbox', { name: 'Add to blocked commands' }).press('Enter');
    await page.locator('[data-testid="draft-state"][data-phase="saved"]').waitFor();
    await draw(carol, 'policy-edit');
    await page.getByRole('radio', { name: 'Changes' }).click();
    const difference = page.getByTestId('difference').first();
    await difference.waitFor();
    const effect = await difference.getAttribute('data-effect');
    await draw(carol, 'policy-changes');
    await page.getByRole('radio', { name: 'Simulate', exact: true }).click();
    await page.getByRole('button', { name: 'Simulate', exact: true }).click();
    await page.locator('[data-testid="simulation"][data-status="completed"]').waitFor();
    const report = await page.getByTestId('simulation-change').first().innerText();
    await draw(carol, 'policy-simulate');
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByLabel('Why, in one sentence').fill('Status output shows file names that we keep to ourselves.');
    await draw(carol, 'policy-publish');
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await page
      .getByText(/Version \d+ is active/)
      .first()
      .waitFor();

    expect(effect).toBe('narrows');
    expect(report).toMatch(/1\s+allowed\s+→\s+refused/);
    expect(report).toContain('git status');
  }, 600_000);

  it('refuses the next matching command of a session that is running, and names the rule [policy-2]', async () => {
    await alice.page
      .getByText(/An admin changed the policy/)
      .last()
      .waitFor();

    await alice.send('Run `git status`');
    await alice.done();

    const card = lastCard(alice, 'denied');
    await card.getByRole('button').first().click();
    expect(await card.innerText()).toMatch(/The policy .*Careful developer.* blocks .git status./);
    await draw(alice, 'policy-refused');
  }, 600_000);

  it('stops an external write that had already been approved, by the kill switch [policy-3]', async () => {
    await alice.send('Run `git push`');
    await alice.page.getByRole('button', { name: 'More ways to answer' }).first().click();
    await alice.page.getByRole('menuitem', { name: 'Approve for this conversation' }).click();
    await alice.done();
    const { page } = carol;
    await page.getByRole('button', { name: 'Stop all external writes' }).click();
    await page.getByLabel('Why, in one sentence').fill('A token leaked; nothing leaves until it is replaced.');
    await page.getByRole('dialog').getByRole('button', { name: 'Stop all external writes' }).click();
    await page.locator('[data-testid="kill-switch"][data-active="true"]').waitFor();
    await alice.page
      .getByTestId('policy')
      .getByText(/kill switch on/)
      .waitFor();
    await draw(carol, 'policy-kill-switch');

    await alice.send('Run `git push`');
    await alice.done();

    const card = lastCard(alice, 'denied');
    await card.getByRole('button').first().click();
    expect(await card.innerText()).toMatch(/kill switch/i);
    await draw(alice, 'policy-stopped');
  }, 600_000);

  it('tells afterwards who changed what, when and why [policy-4]', async () => {
    const { page } = carol;
    await page.getByRole('link', { name: 'Changes, who and why' }).click();
    const table = page.getByRole('table', { name: 'Changes, who and why' });
    await table.getByText('A token leaked; nothing leaves until it is replaced.').waitFor();

    const rows = await table.getByRole('row').allInnerTexts();

    expect(rows.slice(1, 3).map((row) => row.split('\t').slice(1, 4))).toEqual([
      ['carol', expect.stringMatching(/^Kill switch on/), 'A token leaked; nothing leaves until it is replaced.'],
      ['carol', expect.stringMatching(/^Published/), 'Status output shows file names that we keep to ourselves.'],
    ]);
    await draw(carol, 'policy-history');
    expect(findings).toEqual([]);
    expect([...carol.problems, ...alice.problems]).toEqual([]);
  }, 600_000);
});
