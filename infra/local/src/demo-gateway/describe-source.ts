import { describeDeclarations } from './describe-declarations.ts';
import { parseManifest } from './project.ts';

const LANGUAGES: Readonly<Record<string, string>> = {
  ts: 'TypeScript',
  mts: 'TypeScript',
  cts: 'TypeScript',
  tsx: 'TypeScript with JSX',
  js: 'JavaScript',
  mjs: 'JavaScript',
  cjs: 'JavaScript',
  jsx: 'JavaScript with JSX',
  json: 'JSON',
  md: 'Markdown',
  py: 'Python',
  css: 'CSS',
  html: 'HTML',
  yaml: 'YAML',
  yml: 'YAML',
};

/** Summarises a file in Markdown, from its content alone. */
export function describeSource(path: string, content: string, truncated: boolean): string {
  const extension = path.split('.').at(-1)?.toLowerCase() ?? '';
  const lines = content.replace(/\n$/, '').split('\n').length;
  const language = LANGUAGES[extension];
  const kind = language === undefined ? 'a text file' : `${language}`;
  const size = `${lines} line${lines === 1 ? '' : 's'}`;
  const opening = `\`${path}\` is ${kind}, ${truncated ? `more than ${size}; I saw only a part of it` : size}.`;
  const details = detailsOf(extension, content);
  return [opening, ...details].join('\n\n');
}

function detailsOf(extension: string, content: string): string[] {
  if (/^(?:[cm]?[jt]sx?)$/.test(extension)) return describeDeclarations(content);
  if (extension === 'json') return describeJson(content);
  if (extension === 'md') return describeMarkdown(content);
  if (extension === 'py') return describePython(content);
  return [`It begins with:\n\n\`\`\`\n${firstLines(content, 8)}\n\`\`\``];
}

function describeJson(content: string): string[] {
  const manifest = parseManifest(content);
  if (manifest === undefined) return ['It is not valid JSON.'];
  const scripts = Object.entries(manifest.scripts ?? {}).map(([name, command]) => `- \`${name}\`: \`${command}\``);
  return [
    `Its top level has ${
      Object.keys(manifest)
        .map((key) => `\`${key}\``)
        .join(', ') || 'no entries'
    }.`,
    ...(scripts.length > 0 ? [`Scripts:\n\n${scripts.join('\n')}`] : []),
  ];
}

function describeMarkdown(content: string): string[] {
  const headings = [...content.matchAll(/^(#{1,3})\s+(.+)$/gm)].slice(0, 20);
  const outline = headings.map((match) => `${'  '.repeat((match[1]?.length ?? 1) - 1)}- ${match[2] ?? ''}`);
  const paragraph = content.split(/\n\s*\n/).find((block) => !/^\s*(?:#|```|[-*|>]|!?\[)/.test(block));
  return [
    ...(paragraph === undefined ? [] : [`It opens: ${paragraph.trim().replace(/\s+/g, ' ').slice(0, 300)}`]),
    ...(outline.length > 0 ? [`Outline:\n\n${outline.join('\n')}`] : []),
  ];
}

function describePython(content: string): string[] {
  const names = [...content.matchAll(/^(?:async\s+)?(def|class)\s+(\w+)\s*(\([^)]*\))?/gm)];
  const items = names.map((match) => `- ${match[1] === 'def' ? 'function' : 'class'} \`${match[2]}${match[3] ?? ''}\``);
  return items.length > 0 ? [`It defines:\n\n${items.join('\n')}`] : ['It defines no functions or classes.'];
}

function firstLines(content: string, count: number): string {
  return content.split('\n').slice(0, count).join('\n');
}
