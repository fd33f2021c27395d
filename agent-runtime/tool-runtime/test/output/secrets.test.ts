import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findSecrets } from '@steward/secrets';
import type { ToolExecution, ToolOutcome } from '@steward/tool-port';
import { createFixture, type Fixture } from '../fixture.ts';

/** In two halves, so that this file holds nothing that looks like a secret. */
const key = 'AKIA' + 'IOSFODNN7ABCDEFG';
const settings = `name = "app"\nkey = "${key}"\nport = 1\n`;

const fixtures: Fixture[] = [];
function make(): Fixture {
  const fixture = createFixture();
  writeFileSync(path.join(fixture.project, 'settings.toml'), settings);
  fixtures.push(fixture);
  return fixture;
}
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.remove();
});

function run(
  fixture: Fixture,
  toolName: string,
  args: Record<string, unknown>,
  more: Partial<ToolExecution> = {},
): Promise<ToolOutcome> {
  return fixture.run(toolName, args, { findSecrets, ...more });
}

describe('A file with a secret', () => {
  it('is read with a marker in its place', async () => {
    const outcome = await run(make(), 'ReadFile', { path: 'settings.toml' });

    expect(outcome.outputText).toBe('name = "app"\nkey = "[redacted: AWS access key]"\nport = 1\n');
  });

  it('is edited beside the secret, which stays what it is and is not in the diff', async () => {
    const fixture = make();

    const outcome = await run(fixture, 'EditFile', { path: 'settings.toml', oldText: 'port = 1', newText: 'port = 2' });

    expect(readFileSync(path.join(fixture.project, 'settings.toml'), 'utf8')).toBe(settings.replace('1\n', '2\n'));
    expect(outcome.diff).toContain('key = "[redacted: AWS access key]"');
    expect(outcome.diff).not.toContain(key);
  });

  it('is not edited by a text with the marker, and the answer says why', async () => {
    const fixture = make();
    const args = { path: 'settings.toml', oldText: 'key = "[redacted: AWS access key]"', newText: 'key = ""' };

    const outcome = await run(fixture, 'EditFile', args);

    expect(outcome.error?.message).toBe(
      'The old text holds [redacted: AWS access key], which stands for a secret that was not shown. Name only text beside it; what settings.toml really holds there stays as it is.',
    );
    expect(readFileSync(path.join(fixture.project, 'settings.toml'), 'utf8')).toBe(settings);
  });

  it('is never overwritten by its own marker', async () => {
    const fixture = make();
    const content = 'name = "app"\nkey = "[redacted: AWS access key]"\nport = 2\n';

    const outcome = await run(fixture, 'WriteFile', { path: 'settings.toml', content });

    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'INVALID_REQUEST' } });
    expect(readFileSync(path.join(fixture.project, 'settings.toml'), 'utf8')).toBe(settings);
  });

  it('is not kept as an artifact', async () => {
    const fixture = make();

    const byPath = await run(fixture, 'UploadArtifact', { name: 'settings', path: 'settings.toml' });
    const byContent = await run(fixture, 'UploadArtifact', { name: 'settings', content: settings });

    expect([byPath.error?.details, byContent.error?.details]).toEqual([
      { reasonCodes: ['SECRET_IN_UPLOAD'], kind: 'AWS access key' },
      { reasonCodes: ['SECRET_IN_UPLOAD'], kind: 'AWS access key' },
    ]);
    expect(fixture.artifacts).toEqual([]);
  });
});

describe('The output of a command', () => {
  it('holds no secret, neither while it runs nor in what is kept of it', async () => {
    const fixture = make();
    const live: string[] = [];
    // Written in small pieces, so that the secret is cut wherever a pipe cuts it.
    const command = `node -e "
      const text = ('filler '.repeat(40) + '${key.slice(0, 4)}' + '${key.slice(4)}' + '\\n').repeat(60);
      let at = 0; const next = () => { if (at < text.length) process.stdout.write(text.slice(at, at += 97), next) }; next();"`;

    const outcome = await run(fixture, 'RunCommand', { command }, { onOutput: (text) => live.push(text) });

    const source = fixture.artifacts[0]?.source;
    const kept = source?.kind === 'file' ? readFileSync(source.path, 'utf8') : '';
    const line = `${'filler '.repeat(40)}[redacted: AWS access key]\n`;
    expect(kept).toBe(line.repeat(60));
    expect(live.join('')).toBe(line.repeat(60));
    expect(outcome.outputText).not.toContain(key);
  });
});
