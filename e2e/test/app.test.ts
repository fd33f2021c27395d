import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { App } from '../support/app.ts';
import { launchBrowser } from '../support/browser.ts';
import { createProject, projectTestsPass } from '../support/project.ts';
import { Stack, temporaryFolder } from '../support/stack.ts';

/** Runtime processes that the host of this stack has started. */
function runtimePids(home: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const isRuntime = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('agent-runtime.js');
      return isRuntime && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`STEWARD_HOME=${home}\0`);
    } catch {
      return false;
    }
  });
}

describe('the app in a real browser', () => {
  const home = temporaryFolder('home');
  const project = temporaryFolder('project');
  let stack: Stack;
  let browser: Browser;
  let app: App;

  beforeAll(async () => {
    createProject(project.path);
    [stack, browser] = await Promise.all([
      Stack.start(home.path, { env: { DEMO_GATEWAY_DELAY_MS: '10' } }),
      launchBrowser(),
    ]);
    app = await App.open(browser, stack);
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    home.cleanUp();
    project.cleanUp();
  });

  it('signs a person in by the system’s own page, and no token reaches the page [identity-1]', async () => {
    const seen: string[] = [];
    app.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => seen.push(String(payload))));

    await app.signIn('alice');

    await app.page.getByText('Alice').first().waitFor();
    const kept = await app.page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
    );
    expect(String(kept)).not.toMatch(/eyJ/);
    expect(seen.join('\n')).not.toMatch(/eyJ[\w-]+\.eyJ/);
  });

  it('renames a function after the person approved the command, and shows the patch [conversation-1]', async () => {
    await app.openFolder(project.path);
    await app.page.getByText('demo model').first().waitFor();
    await app.send('Rename the function add to sum across the folder and run the tests.');

    const sheet = app.page
      .getByRole('dialog', { name: /Approval needed|Approval \d/ })
      .or(app.page.getByRole('region', { name: /Approval/ }));
    await sheet.first().waitFor();
    const shown = await sheet.first().innerText();
    await app.page.getByRole('button', { name: 'Approve once' }).first().click();
    await app.done();

    expect(shown).toContain('npm test');
    expect(shown).toContain(project.path);
    expect(shown).toMatch(/risk/i);
    expect(shown).toContain('Ask before running code of the project');
    expect(projectTestsPass(project.path)).toBe(true);
    expect(readFileSync(join(project.path, 'src/add.js'), 'utf8')).toContain('function sum(');
    await app.page.getByRole('button', { name: 'Review changes' }).last().click();
    await app.page.getByText('src/receipt.js').last().waitFor();
    await app.page.getByRole('button', { name: 'Close changes' }).click();
  });

  it('reverts one file of the task [patch-1]', async () => {
    await app.page.getByRole('button', { name: 'Review changes' }).last().click();
    await app.page.getByRole('button', { name: 'Revert file src/receipt.js' }).click();
    await app.page
      .getByRole('alertdialog')
      .getByRole('button', { name: /Revert/ })
      .click();
    await app.page.getByText('1 file reverted.').first().waitFor();

    expect(readFileSync(join(project.path, 'src/receipt.js'), 'utf8')).toContain("import { add } from './add.js'");
    expect(readFileSync(join(project.path, 'src/add.js'), 'utf8')).toContain('function sum(');
    await app.page.getByRole('button', { name: 'Close changes' }).click();
    execFileSync('git', ['checkout', '-q', '.'], { cwd: project.path });
  });

  it('takes a denial with its reason to the model [conversation-2]', async () => {
    await app.send('Run npm test');
    await app.page.getByRole('button', { name: 'Deny' }).first().waitFor();
    await app.page.getByLabel('Reason for denying, goes to the model').fill('Not now, please.');
    await app.page.getByRole('button', { name: 'Deny' }).first().click();
    await app.page.getByText('denied', { exact: true }).first().waitFor();
    await app.page
      .getByText(/Not now, please\./)
      .first()
      .waitFor();
    await app.done();
  });

  it('shows every event once after a reload in the middle of a stream [recovery-2]', async () => {
    // Shown as soon as its task has begun: whatever else one waited for here could be over before it was seen.
    await app.send('Explain src/receipt.js');
    await app.page.reload();
    await app.done();

    const thread = await app.page
      .getByRole('log')
      .or(app.page.getByLabel('Conversation', { exact: true }))
      .first()
      .innerText();
    expect(thread.split('Explain src/receipt.js')).toHaveLength(2);
    expect(app.problems).toEqual([]);
  });

  it('cancels a task that waits for an approval, and takes the request back [conversation-3]', async () => {
    await app.send('Run npm test');
    await app.page.getByRole('button', { name: 'Approve once' }).first().waitFor();
    await app.page.getByRole('button', { name: 'Cancel', exact: true }).click();

    await app.page.getByText('Cancelled', { exact: true }).last().waitFor();
    await app.page.getByRole('button', { name: 'Approve once' }).first().waitFor({ state: 'hidden' });
    await app.composer().waitFor();
  });

  it('offers to resume when the runtime was killed, and resumes [recovery-1]', async () => {
    await app.send('Rename the function add to sum across the folder and run the tests.');
    await app.page.getByRole('button', { name: 'Approve once' }).first().waitFor();
    const [pid] = runtimePids(home.path);
    process.kill(pid!, 'SIGKILL');

    await app.page.getByText('The agent runtime stopped unexpectedly').first().waitFor();
    await app.page.getByRole('button', { name: 'Resume', exact: true }).first().click();
    await app.page.getByRole('button', { name: 'Approve once' }).first().click();
    await app.page.getByText('Resumed after an interruption').first().waitFor();
    await app.done();

    expect(projectTestsPass(project.path)).toBe(true);
  });

  it('finds the conversation in history after a restart of everything, and continues it [history-1] [start-2]', async () => {
    await app.page.getByRole('button', { name: 'Conversation actions' }).click();
    await app.page.getByRole('menuitem', { name: 'Close conversation' }).click();
    await app.close();
    const end = await stack.stop();
    stack = await Stack.start(home.path, { env: { DEMO_GATEWAY_DELAY_MS: '10' } });
    app = await App.open(browser, stack);
    await app.page.getByRole('navigation', { name: 'Main' }).waitFor();

    await app.page.getByRole('navigation', { name: 'Main' }).getByText('History', { exact: true }).click();
    await app.page.getByText(project.path.split('/').at(-1)!).first().click();
    await app.page
      .getByText(/Rename the function add/)
      .first()
      .click();
    await app.page.getByRole('button', { name: 'Continue' }).click();
    await app.composer().waitFor();
    // It comes from history, not with the new conversation, and is drawn while it is near what is on screen.
    await app.page.getByText('Continued from an earlier conversation').first().waitFor();
    await app.send('What is in this folder?');
    await app.done();

    expect(end.code).toBe(130);
    expect(app.problems).toEqual([]);
  }, 600_000);

  it('says when the earlier messages of a continued conversation can not be shown, and shows them when asked again', async () => {
    const answers = await app.failCalls('getHistory');
    const failed = app.page.getByText('The earlier messages can’t be shown here right now. The agent has them.');

    await app.page.reload();
    await failed.waitFor();
    answers.restore();
    await app.page.getByRole('button', { name: 'Try again' }).click();
    await app.page.getByText('Continued from an earlier conversation').first().waitFor();

    expect(await failed.count()).toBe(0);
    expect(app.problems).toEqual([]);
  });
});
