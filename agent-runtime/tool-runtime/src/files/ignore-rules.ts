import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Ignore } from 'ignore';

const maxRuleBytes = 256 * 1024;

/** Rules of one ignore file, for the folder it lies in. */
interface Layer {
  readonly folder: string;
  readonly rules: Ignore;
}

/** The ignore files from the project down to one folder; immutable, deeper folders extend it. */
export class IgnoreRules {
  readonly #layers: readonly Layer[];
  readonly #makeIgnore: () => Ignore;

  private constructor(makeIgnore: () => Ignore, layers: readonly Layer[]) {
    this.#makeIgnore = makeIgnore;
    this.#layers = layers;
  }

  /** The rules that hold in a folder: every ignore file from the project folder down to it. */
  static async forFolder(
    folder: string,
    projectDir: string | undefined,
    mayRead: (file: string) => boolean,
  ): Promise<IgnoreRules> {
    const { default: makeIgnore } = await import('ignore');
    let rules = new IgnoreRules(() => makeIgnore({ allowRelativePaths: false }), []);
    for (const each of foldersBetween(projectDir ?? folder, folder)) rules = rules.enter(each, mayRead);
    return rules;
  }

  /** These rules and those of a folder's own ignore file. */
  enter(folder: string, mayRead: (file: string) => boolean): IgnoreRules {
    const file = path.join(folder, '.gitignore');
    const text = mayRead(file) ? readRules(file) : undefined;
    if (text === undefined) return this;
    return new IgnoreRules(this.#makeIgnore, [...this.#layers, { folder, rules: this.#makeIgnore().add(text) }]);
  }

  /** Whether the entry is ignored; the deepest file that says anything about it wins. `.git` always is. */
  ignores(entry: string, isFolder: boolean): boolean {
    if (path.basename(entry) === '.git') return true;
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      const layer = this.#layers[i];
      if (layer === undefined) continue;
      const relative = path.relative(layer.folder, entry).split(path.sep).join('/');
      if (relative === '' || relative.startsWith('../')) continue;
      const verdict = layer.rules.test(isFolder ? `${relative}/` : relative);
      if (verdict.ignored) return true;
      if (verdict.unignored) return false;
    }
    return false;
  }
}

function foldersBetween(from: string, to: string): string[] {
  const relative = path.relative(from, to);
  if (relative.startsWith('..') || path.isAbsolute(relative)) return [to];
  const steps = relative === '' ? [] : relative.split(path.sep);
  return [from, ...steps.map((_, i) => path.join(from, ...steps.slice(0, i + 1)))];
}

function readRules(file: string): string | undefined {
  try {
    const bytes = readFileSync(file);
    return bytes.length > maxRuleBytes ? undefined : bytes.toString('utf8');
  } catch {
    // A missing or unreadable ignore file ignores nothing.
    return undefined;
  }
}
