import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const files: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify({ name: 'shop', version: '1.0.0', type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'README.md': '# Shop\n\nAdds prices and prints a receipt.\n',
  '.gitignore': 'node_modules\n',
  'src/add.js': `/** Adds two prices in cents. */\nexport function add(a, b) {\n  return a + b;\n}\n`,
  'src/receipt.js': `import { add } from './add.js';\n\n/** The total of a list of prices, and a line per price. */\nexport function receipt(prices) {\n  const address = 'Main Street 1';\n  const total = prices.reduce((all, price) => add(all, price), 0);\n  return { address, lines: prices.map(String), total };\n}\n`,
  'test/receipt.test.js': `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { add } from '../src/add.js';\nimport { receipt } from '../src/receipt.js';\n\ntest('adds prices', () => {\n  assert.equal(add(2, 3), 5);\n});\n\ntest('prints a receipt with its total', () => {\n  assert.equal(receipt([1, 2, 3]).total, 6);\n});\n`,
};

/** Writes a small real project with its own tests into a folder and puts it under git. */
export function createProject(folder: string): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Shop', '-c', 'user.email=shop@example.com', ...args], {
      cwd: folder,
      stdio: 'ignore',
    });
  git('init', '-q');
  git('add', '.');
  git('commit', '-q', '-m', 'A small shop');
}

/** Runs the project's own tests; true when they pass. */
export function projectTestsPass(folder: string): boolean {
  try {
    execFileSync(process.execPath, ['--test'], {
      cwd: folder,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] ?? '' },
    });
    return true;
  } catch {
    return false;
  }
}
