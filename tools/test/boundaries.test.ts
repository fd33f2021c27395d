import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const violations = 'tools/test/boundaries';
const { default: configuration } = (await import(pathToFileURL(join(root, '.dependency-cruiser.mjs')).href)) as {
  default: { forbidden: { name: string; comment: string; severity: string }[] };
};

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
}

/** Cruises the folder of deliberate violations with the real rules, as if it were the whole tree. */
function cruiseViolations(): Violation[] {
  const script = `
    import { cruise } from 'dependency-cruiser';
    import configuration from ${JSON.stringify(pathToFileURL(join(root, '.dependency-cruiser.mjs')).href)};
    const { options, forbidden } = configuration;
    const result = await cruise(['platform', 'backend-session', 'backend-policy', 'agent-runtime', 'desktop'], {
      ...options, exclude: undefined, baseDir: ${JSON.stringify(join(root, violations))}, tsConfig: undefined,
      ruleSet: { forbidden }, validate: true,
    }, options.enhancedResolveOptions);
    process.stdout.write(JSON.stringify(result.output.summary.violations.map(({ rule, from }) => ({ rule, from }))));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return JSON.parse(output) as Violation[];
}

describe('import boundaries', () => {
  let found: Violation[];
  beforeAll(() => {
    found = cruiseViolations();
  });

  it.each(configuration.forbidden.map((rule) => rule.name))('%s fires on its deliberate violation', (name) => {
    const files = found.filter((violation) => violation.rule.name === name).map((violation) => violation.from);
    expect(files).toContainEqual(expect.stringContaining(`${name}`));
  });

  it('keeps every rule an error with a reason', () => {
    for (const rule of configuration.forbidden) {
      expect(rule.severity).toBe('error');
      expect(rule.comment.length).toBeGreaterThan(10);
    }
  });
});
