import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { diagramProblems } from './documents/diagrams.ts';
import { anchorsOf, codeBlocks, linksOf } from './documents/markdown.ts';
import { filesMatching } from './documents/source-files.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const pages = filesMatching(root, /\.md$/);
const packages = new Map(
  filesMatching(root, /(?:^|\/)package\.json$/).flatMap(({ path, text }) => {
    const { name, scripts } = JSON.parse(text) as { name?: string; scripts?: Record<string, string> };
    return name === undefined ? [] : [[name, { path, scripts: Object.keys(scripts ?? {}) }] as const];
  }),
);
const rootScripts = packages.get('steward')?.scripts ?? [];

describe('the documents', () => {
  it('are found', () => {
    expect(pages.length).toBeGreaterThan(40);
  });

  it('link to files and headings that exist', () => {
    const broken = pages.flatMap(({ path, text }) =>
      linksOf(text).flatMap((link) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : join(dirname(path), decodeURIComponent(file));
        if (!existsSync(join(root, target))) return [`${path}: ${link}`];
        if (anchor === undefined || !target.endsWith('.md')) return [];
        return anchorsOf(readFileSync(join(root, target), 'utf8')).has(anchor) ? [] : [`${path}: ${link}`];
      }),
    );

    expect(broken).toEqual([]);
  });

  it('hold diagrams that can be drawn', () => {
    const diagrams = pages.flatMap(({ path, text }) =>
      codeBlocks(text, 'mermaid').map((diagram) => ({ path, diagram })),
    );

    const found = diagramProblems(diagrams.map(({ diagram }) => diagram));

    const problems = diagrams.flatMap(({ path }, index) =>
      found[index] === undefined ? [] : [`${path}: ${found[index]}`],
    );
    expect(diagrams.length).toBeGreaterThan(3);
    expect(problems).toEqual([]);
  });

  it('name npm scripts that exist', () => {
    const unknown = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run ([a-z][\w:-]*)((?: +-w +(?:@steward\/)?[\w-]+)?)/g)].flatMap(
        ([command, script = '', workspace = '']) => {
          const name = workspace.replace(/^ +-w +/, '');
          const scripts = name === '' ? rootScripts : packages.get(name)?.scripts;
          return scripts?.includes(script) === true || name.startsWith('@steward/PACKAGE')
            ? []
            : [`${path}: ${command}`];
        },
      ),
    );

    expect(unknown).toEqual([]);
  });

  it('name programs of the repository that exist, in every block of commands', () => {
    const unknown = pages.flatMap(({ path, text }) =>
      ['sh', 'text', 'bash'].flatMap((language) =>
        codeBlocks(text, language).flatMap((block) =>
          [...block.matchAll(/\bnode ((?:[\w.-]+\/)+[\w.-]+\.m?js)\b/g)].flatMap(([, program = '']) => {
            // A block may have changed the folder before, as the page of deploying does.
            const places = [root, join(root, 'infra/iac'), join(root, dirname(path))];
            return program.startsWith('dist/') || places.some((place) => existsSync(join(place, program)))
              ? []
              : [`${path}: node ${program}`];
          }),
        ),
      ),
    );

    expect(unknown).toEqual([]);
  });
});

describe('every npm script of the root', () => {
  it('stands in the README or in CONTRIBUTING', () => {
    const text = ['README.md', 'CONTRIBUTING.md'].map((name) => readFileSync(join(root, name), 'utf8')).join('\n');

    const unnamed = rootScripts.filter(
      (script) => !new RegExp(`npm (?:run )?${script}(?![\\w:-])`).test(text) || script === '',
    );
    expect(rootScripts.length).toBeGreaterThan(20);
    expect(unnamed).toEqual([]);
  });
});

describe('infra/docs', () => {
  it('lists every page that stands in it', () => {
    const list = readFileSync(join(root, 'infra/docs/README.md'), 'utf8');

    const listed = new Set(linksOf(list));
    const own = pages
      .map(({ path }) => /^infra\/docs\/([\w.-]+\.md)$/.exec(path)?.[1] ?? '')
      .filter((name) => name !== '' && name !== 'README.md');
    expect(own.filter((name) => !listed.has(name))).toEqual([]);
    expect([...listed]).toEqual(expect.arrayContaining(['adr/README.md', 'runbooks/README.md']));
  });

  it('lists every decision', () => {
    const listed = new Set(linksOf(readFileSync(join(root, 'infra/docs/adr/README.md'), 'utf8')));

    const decisions = pages
      .map(({ path }) => /^infra\/docs\/adr\/(\d{4}-.+\.md)$/.exec(path)?.[1] ?? '')
      .filter((name) => name !== '');
    expect(decisions.filter((name) => !listed.has(name))).toEqual([]);
  });
});

describe('the check of diagrams', () => {
  it('draws what Mermaid draws, and says in its words what is wrong with the rest', () => {
    const problems = diagramProblems([
      'flowchart LR\n  A["x"] -->|y| B',
      'flowchart LR\n  subgraph A["x"]\n  B',
      'flowchart LR\n  A["x --> B',
      'flowchart LR\n  A ->> B!',
      'nothing of this kind',
    ]);

    expect(problems).toEqual([
      undefined,
      expect.stringContaining('Parse error'),
      expect.stringMatching(/Lexical error|Parse error/),
      expect.stringContaining('Parse error'),
      expect.stringContaining('No diagram type detected'),
    ]);
  });
});
