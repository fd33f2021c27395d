import type { ModuleRecipe } from './module-recipes.ts';
import { isTestFile, parseManifest } from './project.ts';
import type { Manifest } from './project.ts';

/** The files of a new module. */
export interface ModuleFiles {
  readonly module: { readonly path: string; readonly content: string };
  readonly test: { readonly path: string; readonly content: string };
  readonly summary: string;
}

interface Style {
  readonly language: 'ts' | 'js';
  readonly extension: string;
  readonly modules: 'esm' | 'commonjs';
  readonly runner: 'node' | 'jest' | 'vitest';
  readonly sourceFolder: string;
  /** `undefined`: tests stand beside their module. */
  readonly testFolder: string | undefined;
  readonly testSuffix: 'test' | 'spec';
}

/** Writes a recipe in the project's language, module system, test runner and layout. */
export function renderModule(
  recipe: ModuleRecipe,
  paths: readonly string[],
  manifestText: string | undefined,
): ModuleFiles {
  const style = styleOf(paths, parseManifest(manifestText));
  const file = recipe.name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
  const modulePath = join(style.sourceFolder, `${file}.${style.extension}`);
  const testPath = join(style.testFolder ?? style.sourceFolder, `${file}.${style.testSuffix}.${style.extension}`);
  const specifier = relativeSpecifier(testPath, modulePath, style);
  return {
    module: { path: modulePath, content: moduleSource(recipe, style) },
    test: { path: testPath, content: testSource(recipe, style, specifier) },
    summary: recipe.summary,
  };
}

function styleOf(paths: readonly string[], manifest: Manifest | undefined): Style {
  const sources = paths.filter(
    (path) => /\.[cm]?[jt]s$/.test(path) && !path.endsWith('.d.ts') && !/\.config\./.test(path),
  );
  const tests = sources.filter(isTestFile);
  const typescript = sources.filter((path) => path.endsWith('ts')).length * 2 > sources.length;
  const language = typescript && manifest?.scripts?.['test'] !== undefined ? 'ts' : 'js';
  const esm = language === 'ts' || manifest?.type === 'module';
  // Without a manifest a plain `.js` would be CommonJS by default; `.mjs` says what it is.
  const extension = language === 'ts' ? 'ts' : manifest === undefined ? 'mjs' : 'js';
  const tools = { ...manifest?.dependencies, ...manifest?.devDependencies };
  const folders = new Set(
    paths.map((path) => path.split('/')[0] ?? '').filter((name, index) => paths[index]?.includes('/')),
  );
  const beside = tests.some((path) => !/^(?:tests?|__tests__)\//.test(path));
  return {
    language,
    extension,
    modules: esm || manifest === undefined ? 'esm' : 'commonjs',
    runner: tools['vitest'] !== undefined ? 'vitest' : tools['jest'] !== undefined ? 'jest' : 'node',
    sourceFolder: ['src', 'lib'].find((name) => folders.has(name)) ?? '',
    testFolder: ['test', 'tests', '__tests__'].find((name) => folders.has(name)) ?? (beside ? undefined : 'test'),
    testSuffix: tests.some((path) => path.includes('.spec.')) ? 'spec' : 'test',
  };
}

function moduleSource(recipe: ModuleRecipe, style: Style): string {
  const typed = style.language === 'ts';
  const parameters = recipe.parameters.map(([name, type]) => (typed ? `${name}: ${type}` : name)).join(', ');
  const signature = `function ${recipe.name}${typed ? (recipe.generics ?? '') : ''}(${parameters})${typed ? `: ${recipe.returns}` : ''} {`;
  const summary = `${recipe.summary.slice(0, 1).toUpperCase()}${recipe.summary.slice(1)}.`;
  const lines = [
    `/** ${summary} */`,
    `${style.modules === 'esm' ? 'export ' : ''}${signature}`,
    ...recipe.body.map((line) => `  ${line}`),
    '}',
  ];
  if (style.modules === 'commonjs') lines.push('', `module.exports = { ${recipe.name} };`);
  return `${lines.join('\n')}\n`;
}

function testSource(recipe: ModuleRecipe, style: Style, specifier: string): string {
  const { name, cases } = recipe;
  const load = (binding: string, from: string): string =>
    style.modules === 'esm' ? `import ${binding} from '${from}';` : `const ${binding} = require('${from}');`;
  const head = {
    node: [load('assert', 'node:assert/strict'), load('{ test }', 'node:test')],
    vitest: [load('{ expect, test }', 'vitest')],
    jest: [],
  }[style.runner];
  const check = (argumentsSource: string, expected: string): string =>
    style.runner === 'node'
      ? `assert.deepEqual(${name}(${argumentsSource}), ${expected});`
      : `expect(${name}(${argumentsSource})).toEqual(${expected});`;
  const tests = cases.flatMap(([title, given, expected]) => [
    '',
    `test('${name} ${title}', () => {`,
    `  ${check(given, expected)}`,
    '});',
  ]);
  return `${[...head, load(`{ ${name} }`, specifier), ...tests].join('\n')}\n`;
}

function relativeSpecifier(from: string, to: string, style: Style): string {
  const fromFolder = from.split('/').slice(0, -1);
  const target = to.split('/');
  while (fromFolder.length > 0 && target.length > 1 && fromFolder[0] === target[0]) {
    fromFolder.shift();
    target.shift();
  }
  const up = fromFolder.length === 0 ? './' : '../'.repeat(fromFolder.length);
  const path = `${up}${target.join('/')}`;
  // Runners that compile TypeScript resolve specifiers without an extension in every module mode they support.
  return style.language === 'ts' ? path.replace(/\.ts$/, '') : path;
}

function join(folder: string, file: string): string {
  return folder === '' ? file : `${folder}/${file}`;
}
