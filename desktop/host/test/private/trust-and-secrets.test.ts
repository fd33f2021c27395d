import { mkdir, readFile, rename, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSecretStore } from '../../src/private/secret-store.ts';
import { openTrustedFolders } from '../../src/private/trusted-folders.ts';
import type { Sealer } from '../../src/private/sealer.ts';
import type { Person } from '../../src/identity/person.ts';
import { startIdentityProvider } from '../support/identity-provider.ts';
import type { TestIdentityProvider } from '../support/identity-provider.ts';
import { openTestHost } from '../support/signed-in-host.ts';
import type { TestHost } from '../support/signed-in-host.ts';
import { seenBy, temporaryHome } from '../support/temporary-home.ts';
import type { TemporaryHome } from '../support/temporary-home.ts';

const alice: Person = { userId: 'alice', tenantId: 'acme', name: 'Alice', roles: [] };
const bob: Person = { ...alice, userId: 'bob' };
const value = 'correct-horse-battery-42';
const fail = (keptAs: string): never => {
  throw new Error(keptAs);
};

let home: TemporaryHome;
let project: string;
beforeEach(async () => {
  home = await temporaryHome();
  project = join(home.path, 'project');
  await mkdir(project);
});
afterEach(() => home.remove());

describe('trusted folders', () => {
  const open = () => openTrustedFolders(join(home.path, 'host', 'trusted.json'), fail);

  it('are each person’s own, survive a restart, and are found by every name of the same place', async () => {
    const link = join(home.path, 'link');
    await symlink(project, link);
    await (await open()).set(alice, link, true);

    const again = await open();

    expect(again.list(alice)).toEqual([project]);
    expect([await again.has(alice, project), await again.has(alice, link), await again.has(bob, project)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('are exact: a folder below, another one behind the same link, and one that moved are new decisions', async () => {
    const folders = await open();
    const other = join(home.path, 'other');
    await mkdir(join(project, 'sub'));
    await folders.set(alice, project, true);
    const below = await folders.has(alice, join(project, 'sub'));

    await rename(project, other);
    await symlink(other, project);

    expect([below, await folders.has(alice, project), await folders.has(alice, other)]).toEqual([false, false, false]);
  });

  it('can be taken off the list, also when they are gone', async () => {
    const folders = await open();
    await folders.set(alice, project, true);
    await rename(project, join(home.path, 'away'));

    await folders.set(alice, project, false);

    expect(folders.list(alice)).toEqual([]);
  });
});

describe('the store of secrets', () => {
  const file = () => join(home.path, 'host', 'secrets.json');
  const open = () => openSecretStore(file(), fail);

  it('gives names to everybody who asks for this person and values to runtimes only, from a file of the owner', async () => {
    await (await open()).set(alice, { name: 'npm', value, allowedCommands: ['npm publish'] });

    const store = await open();

    expect(store.list(alice)).toEqual([{ name: 'npm', allowedCommands: ['npm publish'] }]);
    expect(store.forRuntime(alice)).toEqual([{ name: 'npm', value, allowedCommands: ['npm publish'] }]);
    expect([store.list(bob), store.forRuntime(bob)]).toEqual([[], []]);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it('refuses what no runtime would take, without repeating the value', async () => {
    const store = await open();

    const problem = await store.set(alice, { name: 'Not A Name', value }).catch((error: unknown) => error as Error);

    expect(problem).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(String(problem)).not.toContain(value);
    expect(store.list(alice)).toEqual([]);
  });

  it('removes one by its name', async () => {
    const store = await open();
    await store.set(alice, { name: 'npm', value });
    await store.set(alice, { name: 'api', value });

    await store.remove(alice, 'npm');

    expect(store.list(alice)).toEqual([{ name: 'api' }]);
    expect(await readFile(file(), 'utf8')).not.toContain('npm');
  });
});

describe('the store of secrets with a key store', () => {
  const file = () => join(home.path, 'host', 'secrets.json');
  /** Seals by turning every byte round, and opens what it sealed itself. */
  const keyStore = (key: number): Sealer => ({
    seal: (text) => Buffer.from([...Buffer.from(text), key].map((byte) => byte ^ key)),
    open: (sealed) => {
      const bytes = Buffer.from([...sealed].map((byte) => byte ^ key));
      if (sealed.at(-1) !== 0) throw new Error('sealed by another key store');
      return bytes.subarray(0, -1).toString('utf8');
    },
  });
  const open = (sealer?: Sealer) => openSecretStore(file(), fail, sealer);

  it('keeps neither names nor values in clear, and says what keeps them', async () => {
    await (await open(keyStore(7))).set(alice, { name: 'npm', value });

    const store = await open(keyStore(7));

    const kept = await readFile(`${file()}.sealed`, 'utf8');
    expect(store.forRuntime(alice)).toEqual([{ name: 'npm', value }]);
    expect([store.keptBy, (await open()).keptBy]).toEqual(['key_store', 'file']);
    expect(kept + Buffer.from(JSON.parse(kept).sealed, 'base64').toString('latin1')).not.toMatch(/npm|correct-horse/);
    expect((await stat(`${file()}.sealed`)).mode & 0o777).toBe(0o600);
  });

  it('seals what was kept in clear and removes that file; what is sealed already counts more', async () => {
    await (await open(keyStore(7))).set(alice, { name: 'npm', value: 'sealed-value' });
    const clear = await open();
    await clear.set(alice, { name: 'npm', value: 'older-value' });
    await clear.set(bob, { name: 'api', value });

    const store = await open(keyStore(7));

    expect(store.forRuntime(alice)).toEqual([{ name: 'npm', value: 'sealed-value' }]);
    expect(store.forRuntime(bob)).toEqual([{ name: 'api', value }]);
    await expect(stat(file())).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await open(keyStore(7))).forRuntime(bob)).toEqual([{ name: 'api', value }]);
  });

  it('is set aside when another key store sealed it, and left alone without one', async () => {
    await (await open(keyStore(7))).set(alice, { name: 'npm', value });
    const without = (await open()).list(alice);
    const keptAs: string[] = [];

    const store = await openSecretStore(file(), (name) => keptAs.push(name), keyStore(9));

    expect([without, store.list(alice)]).toEqual([[], []]);
    expect(keptAs).toEqual([`${file()}.sealed.damaged`]);
  });
});

describe('the host', () => {
  let provider: TestIdentityProvider;
  let test: TestHost;
  beforeEach(async () => {
    provider = await startIdentityProvider();
    test = await openTestHost(home.path, provider);
    await test.signIn();
  });
  afterEach(async () => {
    await test.host.stop();
    await provider.stop();
  });

  it('opens a folder untrusted, tells its runtime of the decision, and opens it trusted the next time', async () => {
    const first = await test.call('openConversation', { projectDir: project });

    await test.call('setFolderTrust', { sessionId: first.sessionId, trusted: true });
    await test.events.until(
      (event) => event.type === 'session_event' && event.event.eventType === 'folder_trust_changed',
    );
    const second = await test.call('openConversation', { projectDir: project });
    const listed = await test.call('listTrustedFolders', {});

    const created = (await home.seen()).flatMap(({ create }) => (create === undefined ? [] : [create]));
    expect([first.folderTrusted, second.folderTrusted]).toEqual([false, true]);
    expect(created.map(({ folderTrusted }) => folderTrusted)).toEqual([false, true]);
    expect((await test.call('getSnapshot', {})).conversations.map(({ folderTrusted }) => folderTrusted)).toEqual([
      true,
      true,
    ]);
    expect(listed).toEqual({ paths: [project] });
  });

  it('tells open conversations when a folder is taken off the list', async () => {
    const { sessionId } = await test.call('openConversation', { projectDir: project });
    await test.call('setFolderTrust', { sessionId, trusted: true });

    await test.call('removeTrustedFolder', { path: project });

    expect((await home.seen()).flatMap(({ trust }) => (trust === undefined ? [] : [trust['trusted']]))).toEqual([
      true,
      false,
    ]);
    expect(await test.call('listTrustedFolders', {})).toEqual({ paths: [] });
  });

  it('asks nothing about a conversation without a folder', async () => {
    const { sessionId, folderTrusted } = await test.call('openConversation', { projectDir: null });

    const reply = await test.host.call('setFolderTrust', { sessionId, trusted: true });

    expect(folderTrusted).toBeNull();
    expect(reply).toMatchObject({ ok: false, error: { code: 'CONFLICT' } });
  });

  it('gives secrets to new and running runtimes, and no value back to the window', async () => {
    await test.call('openConversation', { projectDir: null });

    await test.call('setSecret', { name: 'npm', value, allowedCommands: ['npm publish'] });
    await test.call('openConversation', { projectDir: null });
    await test.call('removeSecret', { name: 'npm' });
    await seenBy(home, ({ secrets }) => secrets !== undefined && (secrets['secrets'] as unknown[]).length === 0);

    const given = (await home.seen()).flatMap(({ secrets }) => (secrets === undefined ? [] : [secrets['secrets']]));
    const shown = JSON.stringify([
      await test.call('listSecrets', {}),
      await test.call('getSnapshot', {}),
      await test.call('getDiagnostics', {}),
      test.events.items,
    ]);
    expect(given.slice(0, 2)).toEqual(
      Array.from({ length: 2 }, () => [{ name: 'npm', value, allowedCommands: ['npm publish'] }]),
    );
    expect(shown).not.toContain(value);
  });

  it('keeps nothing for somebody who is not signed in', async () => {
    await test.call('signOut', {});

    const replies = await Promise.all([
      test.host.call('setSecret', { name: 'npm', value }),
      test.host.call('listSecrets', {}),
      test.host.call('listTrustedFolders', {}),
      test.host.call('removeTrustedFolder', { path: project }),
    ]);

    expect(replies.map((reply) => (reply.ok ? 'ok' : reply.error.code))).toEqual(
      Array.from({ length: 4 }, () => 'UNAUTHORIZED'),
    );
  });
});
