import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { App } from '../support/app.ts';
import { launchBrowser } from '../support/browser.ts';
import { createProject } from '../support/project.ts';
import { Stack, temporaryFolder } from '../support/stack.ts';

describe('trust and secrets in the app', () => {
  const home = temporaryFolder('home');
  const project = temporaryFolder('project');
  const value = 'correct-horse-battery-42';
  let stack: Stack;
  let browser: Browser;
  let app: App;

  beforeAll(async () => {
    createProject(project.path);
    [stack, browser] = await Promise.all([Stack.start(home.path), launchBrowser()]);
    app = await App.open(browser, stack);
    await app.signIn('alice');
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    home.cleanUp();
    project.cleanUp();
  });

  const banner = () => app.page.getByRole('region', { name: 'This folder is not trusted yet' });
  const goTo = (name: string) =>
    app.page.getByRole('navigation', { name: 'Main' }).getByText(name, { exact: true }).click();

  it('says what stays inert in a new folder, is trusted by keyboard, and taken back in Settings', async () => {
    await app.openFolder(project.path);
    await banner().waitFor();
    const said = await banner().innerText();

    await banner().getByRole('button', { name: 'Trust this folder' }).focus();
    await app.page.keyboard.press('Enter');
    await banner().waitFor({ state: 'detached' });
    await goTo('Settings');
    const folders = app.page.getByRole('list', { name: 'Trusted folders' });
    await folders.getByText(project.path).waitFor();
    await folders.getByRole('button', { name: `Stop trusting ${project.path}` }).click();
    await app.page.getByText('No folder is trusted yet.').waitFor();
    await app.page.goBack();
    await banner().waitFor();
    await banner().getByRole('button', { name: 'Not now' }).click();
    await banner().waitFor({ state: 'detached' });

    expect(said).toMatch(/hooks and settings stay inert/);
  });

  it('keeps a secret by its name, and its value never comes back to the page', async () => {
    const received: string[] = [];
    app.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => received.push(String(payload))));
    await app.page.reload();
    await goTo('Settings');
    await app.page.getByLabel('Name', { exact: true }).fill('npm');
    await app.page.getByLabel('Value', { exact: true }).fill(value);
    await app.page.getByLabel('Commands, separated by commas').fill('npm publish');
    await app.page.getByRole('button', { name: 'Save the secret' }).click();

    const secrets = app.page.getByRole('list', { name: 'Secrets for tools' });
    await secrets.getByText('secret://npm').waitFor();
    const file = join(stack.ready.home, 'host', 'secrets.json');
    const kept = readFileSync(file, 'utf8');
    const mode = statSync(file).mode & 0o777;
    const field = await app.page.getByLabel('Value', { exact: true }).inputValue();
    await secrets.getByRole('button', { name: 'Remove the secret npm' }).click();
    await app.page.getByText('There are no secrets yet.').waitFor();

    expect([kept.includes(value), mode, field]).toEqual([true, 0o600, '']);
    expect(received.join('\n')).not.toContain(value);
    expect(readFileSync(file, 'utf8')).not.toContain(value);
    expect(app.problems).toEqual([]);
  });
});
