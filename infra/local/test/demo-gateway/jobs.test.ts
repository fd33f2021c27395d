import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { converse, createProject, startDemoGateway } from '../support/demo-conversation.ts';
import type { Project, RunningGateway } from '../support/demo-conversation.ts';
import { runTool } from '../support/run-tools.ts';

// Real processes and sockets: a busy machine must not turn a slow answer into a failure.
let gateway: RunningGateway;
let project: Project;
beforeAll(async () => {
  gateway = await startDemoGateway();
});
afterAll(async () => gateway.stop());
afterEach(() => project.remove());

const MATH = `// Adds and more.
import { other } from './other.js';

/** Adds two numbers, as in add(1, 2). */
export function add(a, b) {
  return a + b;
}

export const addAll = (list) => list.reduce((sum0, n) => add(sum0, n), 0);
export const seen = new Set();
seen.add('add');
export const text = \`add \${add(1, 2)}\`;
export { other };
`;

const CALCULATOR: Record<string, string> = {
  'package.json': '{"name":"calculator","type":"module","scripts":{"test":"node --test"}}\n',
  'README.md': '# Calculator\n\nYou can add numbers.\n',
  'src/math.js': MATH,
  'src/other.js': 'export const other = 1;\n',
  'src/use.js':
    "import { add } from './math.js';\nimport * as math from './math.js';\nexport const three = add(1, math.add(1, 1));\n",
  'test/math.test.js':
    "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { add } from '../src/math.js';\nimport { three } from '../src/use.js';\n\ntest('add adds', () => assert.equal(add(1, 2), three));\n",
};

describe('renaming a function', () => {
  it('changes every use in the folder, nothing else, and the tests pass', async () => {
    project = createProject(CALCULATOR);

    const { lastText, calls } = await converse(gateway.endpoint, project.root, 'rename add to sum and run the tests');

    expect(project.read('src/math.js')).toBe(
      MATH.replace('as in add(', 'as in sum(')
        .replace('function add(', 'function sum(')
        .replace('=> add(sum0', '=> sum(sum0')
        .replace('${add(', '${sum('),
    );
    expect(project.read('src/use.js')).toBe(
      "import { sum } from './math.js';\nimport * as math from './math.js';\nexport const three = sum(1, math.sum(1, 1));\n",
    );
    expect(project.read('test/math.test.js')).toContain("test('add adds', () => assert.equal(sum(1, 2), three));");
    expect(project.read('README.md')).toBe(CALCULATOR['README.md']);
    expect(calls.at(-1)).toEqual({ name: 'RunCommand', arguments: { command: 'npm test' } });
    expect(lastText).toContain('`npm test` passes.');
    expect(lastText).toContain('1 place with the same name belong');
  });

  it('uses EditFile for a file with a single use', async () => {
    project = createProject({ 'a.js': 'export function add() {}\nexport const b = 1;\n' });

    const { calls, lastText } = await converse(gateway.endpoint, project.root, 'Rename the function `add` to `sum`.');

    expect(calls.at(-1)).toEqual({
      name: 'EditFile',
      arguments: { path: 'a.js', oldText: 'export function add() {}', newText: 'export function sum() {}' },
    });
    expect(lastText).toContain('no test command');
  });

  it('searches only the folder that the prompt names', async () => {
    project = createProject({ 'src/a.js': 'export function add() {}\n', 'old/b.js': 'function add() {}\n' });

    await converse(gateway.endpoint, project.root, 'rename function add to sum in src and run the tests');

    expect([project.read('src/a.js'), project.read('old/b.js')]).toEqual([
      'export function sum() {}\n',
      'function add() {}\n',
    ]);
  });

  it('says so when the name is not there', async () => {
    project = createProject({ 'a.js': 'export const adder = 1;\n' });

    const { lastText } = await converse(gateway.endpoint, project.root, 'rename add to sum');

    expect(lastText).toContain('No code file here uses the name `add`');
  });

  it('stops when the new name is taken', async () => {
    project = createProject({ 'a.js': 'export function add() {}\nexport function sum() {}\n' });

    const { lastText, calls } = await converse(gateway.endpoint, project.root, 'rename add to sum');

    expect(lastText).toContain('already uses the name `sum`');
    expect(calls.map((call) => call.name)).toEqual(['SearchText', 'ReadFile', 'ReadFile']);
  });

  it('says honestly that an edit was refused, and finishes after "try again"', async () => {
    project = createProject(CALCULATOR);
    const refusing = (call: Parameters<typeof runTool>[1]): string =>
      call.name === 'WriteFile' ? 'Denied: the person said no.' : runTool(project.root, call);

    const first = await converse(gateway.endpoint, project.root, 'rename add to sum', refusing);
    const second = await converse(gateway.endpoint, project.root, [
      ...first.messages,
      { role: 'user', content: 'Try again.' },
    ]);

    expect(first.lastText).toContain('I could not rename `add` everywhere');
    expect(first.lastText).toContain('the person said no');
    expect(second.lastText).toContain('`npm test` passes.');
  });

  it('reports failing tests with the end of their output', async () => {
    project = createProject({
      ...CALCULATOR,
      'test/math.test.js':
        "import { test } from 'node:test';\ntest('add fails', () => { throw new Error('broken'); });\nexport const add = 1;\n",
    });

    const { lastText } = await converse(gateway.endpoint, project.root, 'rename add to sum');

    expect(lastText).toContain('`npm test` failed (exit code 1)');
  });
});

describe('writing a module', () => {
  it.each(['slugify', 'clamp', 'chunk', 'median', 'capitalize', 'isPalindrome'])(
    'writes %s with a passing test in an ESM project',
    async (name) => {
      project = createProject({ 'package.json': '{"type":"module","scripts":{"test":"node --test"}}', 'src/a.js': '' });

      const { lastText, calls } = await converse(gateway.endpoint, project.root, `write a module ${name} with a test`);

      expect(lastText).toContain('`npm test` passes.');
      expect(calls.map((call) => call.name)).toEqual(['FindFiles', 'ReadFile', 'WriteFile', 'WriteFile', 'RunCommand']);
    },
  );

  it('writes CommonJS where the project is CommonJS, with tests beside the code', async () => {
    project = createProject({ 'package.json': '{}', 'lib/a.js': '', 'lib/a.test.js': '' });

    const { lastText } = await converse(gateway.endpoint, project.root, 'create a module called slugify');

    expect(project.read('lib/slugify.test.js')).toContain("const { slugify } = require('./slugify.js');");
    expect(lastText).toContain('`node --test` passes.');
  });

  it('works in an empty folder', async () => {
    project = createProject({});

    const { lastText } = await converse(gateway.endpoint, project.root, 'write a module slugify with a test');

    expect(lastText).toContain('`node --test test/slugify.test.mjs` passes.');
  });

  it('does not overwrite a file', async () => {
    project = createProject({ 'package.json': '{"type":"module"}', 'src/slugify.js': 'mine\n' });

    const { lastText } = await converse(gateway.endpoint, project.root, 'write a module slugify');

    expect(lastText).toContain('`src/slugify.js` exists already');
    expect(project.read('src/slugify.js')).toBe('mine\n');
  });

  it('names what it knows when asked for another module', async () => {
    project = createProject({});

    const { lastText } = await converse(gateway.endpoint, project.root, 'write a module raytracer');

    expect(lastText).toContain('`slugify`');
  });
});

describe('explaining a file', () => {
  it('draws the summary from the content', async () => {
    project = createProject(CALCULATOR);

    const { lastText } = await converse(gateway.endpoint, project.root, 'What does src/math.js do?');

    expect(lastText).toContain('`src/math.js` is JavaScript, 13 lines.');
    expect(lastText).toContain('It imports `./other.js`.');
    expect(lastText).toContain('- exported function `add(a, b)`: Adds two numbers, as in add(1, 2). (line 5)');
    expect(lastText).toContain(
      '- exported function `addAll(list)`, returns `list.reduce((sum0, n) => add(sum0, n), 0)` (line 9)',
    );
  });

  it('finds the file when only its name is given', async () => {
    project = createProject(CALCULATOR);

    const { lastText } = await converse(gateway.endpoint, project.root, 'explain math.js');

    expect(lastText).toContain('`src/math.js` is JavaScript');
  });

  it('says what is missing', async () => {
    project = createProject({});

    const { lastText } = await converse(gateway.endpoint, project.root, 'explain src/nothing.ts');

    expect(lastText).toContain('I could not read `src/nothing.ts`');
  });
});

describe('explain the project', () => {
  it('tells what its README and its package file say, and which files it has', async () => {
    project = createProject({
      'README.md': '# Shop\n\nAdds prices and prints\na receipt.\n\nMore.\n',
      'package.json': '{"name": "shop", "scripts": {"test": "node --test"}}',
      'src/add.js': 'export const add = (a, b) => a + b;\n',
    });

    const { lastText } = await converse(gateway.endpoint, project.root, 'Explain what this project does');

    expect(lastText).toBe(
      '**Shop**: Adds prices and prints a receipt.\n\nThe package is called `shop`. It offers `npm run test`.\n\nIts files:\n\n- `src/add.js`',
    );
  });

  it('says so when there is nothing to explain', async () => {
    project = createProject({});

    const { lastText } = await converse(gateway.endpoint, project.root, 'Explain what this project does');

    expect(lastText).toBe('The folder is empty.');
  });
});

describe('small jobs', () => {
  it.each([
    ['what is in this folder?', 'ListDirectory', 'src/math.js'],
    ['list the files', 'ListDirectory', 'src/math.js'],
    ['search for three', 'SearchText', '`src/use.js:3`'],
    ['where is addAll', 'SearchText', '`src/math.js:9`'],
    ['run npm test', 'RunCommand', '`npm test` finished.'],
    ['run `node -e "process.exit(3)"`', 'RunCommand', 'failed with exit code 3'],
    ['delete README.md', 'DeleteFile', 'I deleted `README.md`'],
    ['write "hello" to notes.txt', 'WriteFile', 'I wrote `notes.txt`'],
  ])('%s', async (prompt, tool, expected) => {
    project = createProject(CALCULATOR);

    const { calls, lastText } = await converse(gateway.endpoint, project.root, prompt);

    expect(calls.map((call) => call.name)).toEqual([tool]);
    expect(lastText).toContain(expected);
  });

  it('introduces itself for everything else', async () => {
    project = createProject({});

    const { calls, lastText } = await converse(gateway.endpoint, project.root, 'Hello, who are you?');

    expect(calls).toEqual([]);
    expect(lastText).toContain('I am the demo model');
  });
});
