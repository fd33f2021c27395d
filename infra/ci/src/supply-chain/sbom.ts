import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import type { Bom } from './bom.ts';
import { npmNameOf } from './bom.ts';

/** Edition of the CycloneDX specification in use. */
const SPEC_VERSION = '1.6';

/** Names of all workspaces that a parsed `package-lock.json` links, in order. */
export function workspaceNames(lock: {
  readonly packages: Readonly<Record<string, { readonly link?: boolean }>>;
}): string[] {
  return Object.entries(lock.packages)
    .filter(([path, entry]) => entry.link === true && path.startsWith('node_modules/'))
    .map(([path]) => path.slice('node_modules/'.length))
    .sort();
}

/**
 * Takes out what depends on the machine that made a bill of materials (the version of npm) and sorts the components, so
 * that the same lockfile gives the same bytes on the same platform.
 */
export function normaliseBom(bom: Bom): Bom {
  const { tools, ...metadata } = bom.metadata;
  const toolComponents = tools?.components?.filter((component) => component.name !== 'npm');
  return {
    ...bom,
    metadata: {
      ...(tools === undefined ? {} : { tools: { ...tools, components: toolComponents ?? [] } }),
      ...metadata,
    },
    components: [...bom.components].sort((left, right) => (left['bom-ref'] < right['bom-ref'] ? -1 : 1)),
  };
}

/**
 * The bill of materials of what ships: every workspace but those of `notShipped`, with everything they need at run time.
 * Reads what is installed below `root`; throws with the tool's message when the installation is incomplete.
 */
export async function createBom(root: string, notShipped: Readonly<Record<string, string>>): Promise<Bom> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Parameters<
    typeof workspaceNames
  >[0];
  const shipped = workspaceNames(lock).filter((name) => notShipped[name] === undefined);
  const require = createRequire(join(root, 'infra/ci/package.json'));
  const program = join(dirname(require.resolve('@cyclonedx/cyclonedx-npm')), 'bin/cyclonedx-npm-cli.js');
  const options = [
    ...['--omit', 'dev', '--spec-version', SPEC_VERSION, '--output-reproducible', '--flatten-components'],
    // Validated by this package, where a missing validator is an error.
    '--no-validate',
    ...shipped.flatMap((name) => ['--workspace', name]),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...options], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  const bom = normaliseBom(JSON.parse(stdout) as Bom);
  const present = new Set(bom.components.map(npmNameOf));
  const missing = shipped.filter((name) => !present.has(name));
  if (missing.length > 0) throw new Error(`The bill of materials lacks ${missing.join(', ')}. Run npm install.`);
  return bom;
}

/** What the CycloneDX schema says against a bill of materials; nothing when it is valid. */
export async function problemsOfBom(text: string): Promise<string | undefined> {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  const problems = await validator.validate(text);
  return problems === null ? undefined : JSON.stringify(problems);
}
