import { countOf } from '../format/numbers.ts';
import { relativeTo } from '../format/paths.ts';
import type { ToolItem } from '../state/thread.ts';

/** What a tool call does or did, in words: `Editing src/a.ts` while it runs, `Edited src/a.ts` after. */
export function toolSentence(tool: ToolItem, folder: string | null = null): string {
  const words = verbs[tool.toolName];
  const object = toolObject(tool, folder);
  const tense = tenseOf(tool);
  if (!words)
    return (
      tool.summary ??
      `${{ want: 'Wants to use', doing: 'Using', did: 'Used', not: 'Did not use' }[tense]} ${tool.toolName}`
    );
  return `${words[tense]} ${object}`.trim();
}

/** The object of a tool call on one line: path, command, address or pattern. */
export function toolObject(tool: ToolItem, folder: string | null = null): string {
  const value = (key: string): string => (typeof tool.args[key] === 'string' ? (tool.args[key] as string) : '');
  const path = relativeTo(folder, value('path'));
  switch (tool.toolName) {
    case 'RunCommand':
      return firstLine(value('command'));
    case 'HttpRequest':
      return `${value('method')} ${value('url')}`.trim();
    case 'SearchText':
      return path && path !== '.' ? `“${value('pattern')}” in ${path}` : `“${value('pattern')}”`;
    case 'FindFiles':
      return value('pattern');
    case 'ListDirectory':
      return path === '.' || path === '' ? 'the project folder' : path;
    case 'UploadArtifact':
      return value('name');
    default:
      return path;
  }
}

/** `Read 6 files, searched twice`: what several finished reads were, together. */
export function readsSentence(tools: readonly ToolItem[]): string {
  const count = (name: string): number => tools.filter((tool) => tool.toolName === name).length;
  const parts = [
    count('ReadFile') > 0 && `read ${countOf(count('ReadFile'), 'file')}`,
    count('ListDirectory') > 0 && `listed ${countOf(count('ListDirectory'), 'folder')}`,
    count('FindFiles') > 0 && `looked for files ${times(count('FindFiles'))}`,
    count('SearchText') > 0 && `searched ${times(count('SearchText'))}`,
  ].filter((part): part is string => part !== false);
  const sentence = parts.join(', ');
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

interface Tenses {
  readonly want: string;
  readonly doing: string;
  readonly did: string;
  readonly not: string;
}

const verbs: Readonly<Record<string, Tenses>> = {
  ReadFile: { want: 'Wants to read', doing: 'Reading', did: 'Read', not: 'Did not read' },
  ListDirectory: { want: 'Wants to list', doing: 'Listing', did: 'Listed', not: 'Did not list' },
  FindFiles: { want: 'Wants to find', doing: 'Finding', did: 'Found files by', not: 'Did not find' },
  SearchText: { want: 'Wants to search', doing: 'Searching', did: 'Searched', not: 'Did not search' },
  WriteFile: { want: 'Wants to write', doing: 'Writing', did: 'Wrote', not: 'Did not write' },
  EditFile: { want: 'Wants to edit', doing: 'Editing', did: 'Edited', not: 'Did not edit' },
  DeleteFile: { want: 'Wants to delete', doing: 'Deleting', did: 'Deleted', not: 'Did not delete' },
  RunCommand: { want: 'Wants to run', doing: 'Running', did: 'Ran', not: 'Did not run' },
  HttpRequest: { want: 'Wants to request', doing: 'Requesting', did: 'Requested', not: 'Did not request' },
  UploadArtifact: { want: 'Wants to keep', doing: 'Keeping', did: 'Kept', not: 'Did not keep' },
};

function tenseOf(tool: ToolItem): keyof Tenses {
  if (tool.phase === 'checking' || tool.phase === 'waiting_for_approval') return 'want';
  if (tool.phase === 'running') return 'doing';
  if (tool.phase === 'succeeded') return 'did';
  // A command that ran and failed did run; everything else that failed left nothing done.
  return tool.phase === 'failed' && tool.toolName === 'RunCommand' ? 'did' : 'not';
}

function firstLine(command: string): string {
  const [first = '', ...rest] = command.split('\n');
  return rest.length > 0 ? `${first} …` : first;
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}
