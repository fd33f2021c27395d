/** The part of a `package.json` that jobs look at. */
export interface Manifest {
  readonly name?: string;
  readonly description?: string;
  readonly type?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const TEST_FILE = /(?:^|[\\/])(?:tests?|__tests__)[\\/]|\.(?:test|spec)\.[cm]?[jt]sx?$/;

/** Parses a `package.json`; `undefined` when there is none or it is not JSON. */
export function parseManifest(text: string | undefined): Manifest | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** True for a path that holds tests by the usual conventions. */
export function isTestFile(path: string): boolean {
  return TEST_FILE.test(path);
}

/**
 * The command that runs a project's tests: its own script, else Node's runner when one of the known files is a
 * JavaScript test, else `undefined`.
 */
export function testCommandOf(manifestText: string | undefined, paths: readonly string[]): string | undefined {
  const script = parseManifest(manifestText)?.scripts?.['test'];
  if (script !== undefined && !script.includes('no test specified')) return 'npm test';
  return paths.some((path) => isTestFile(path) && /\.[cm]?js$/.test(path)) ? 'node --test' : undefined;
}
