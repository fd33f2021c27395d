import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { WantedCall } from '../../src/demo-gateway/job.ts';

/** Names of the tools that {@link runTool} really performs in a folder. */
export const TOOL_NAMES = [
  'ReadFile',
  'ListDirectory',
  'FindFiles',
  'SearchText',
  'WriteFile',
  'EditFile',
  'DeleteFile',
  'RunCommand',
];

/** Applies one tool call to a folder and answers as the runtime would. */
export function runTool(root: string, call: WantedCall): string {
  const text = (name: string): string => String(call.arguments[name] ?? '');
  const path = join(root, text('path'));
  switch (call.name) {
    case 'ReadFile':
      return existsSync(path)
        ? `[untrusted content from repository file ${text('path')}]\n${readFileSync(path, 'utf8')}`
        : `FILE_NOT_FOUND: ${text('path')} does not exist.`;
    case 'ListDirectory':
      return filesUnder(root).join('\n');
    case 'FindFiles': {
      const name = text('pattern').replace('**/', '');
      return filesUnder(root)
        .filter((file) => name === '*' || file.endsWith(name))
        .join('\n');
    }
    case 'SearchText':
      return existsSync(path) ? search(root, path, text('pattern')) : `FILE_NOT_FOUND: ${text('path')} does not exist.`;
    case 'WriteFile':
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text('content'));
      return `Wrote ${text('path')}.`;
    case 'EditFile': {
      const before = readFileSync(path, 'utf8');
      if (before.split(text('oldText')).length !== 2) return 'CONFLICT: The old text does not match exactly once.';
      writeFileSync(
        path,
        before.replace(text('oldText'), () => text('newText')),
      );
      return `Edited ${text('path')}.`;
    }
    case 'DeleteFile':
      rmSync(path);
      return `Deleted ${text('path')}.`;
    case 'RunCommand': {
      const env = { ...process.env };
      delete env['NODE_OPTIONS'];
      // Node's test runner refuses to run inside another one's environment.
      delete env['NODE_TEST_CONTEXT'];
      const run = spawnSync(text('command'), { cwd: root, shell: true, encoding: 'utf8', env });
      const output = `${run.stdout}${run.stderr}`;
      if (run.status === 0) return output || '(no output)';
      return `TOOL_EXECUTION_FAILED: The command ended with exit code ${run.status}.\n${output}`;
    }
    default:
      return `INVALID_REQUEST: Unknown tool ${call.name}.`;
  }
}

function filesUnder(root: string, folder = root): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesUnder(root, path) : [relative(root, path)];
    });
}

function search(root: string, path: string, pattern: string): string {
  return filesUnder(root, path)
    .flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => (line.includes(pattern) ? [`${file}:${index + 1}:${line}`] : [])),
    )
    .join('\n');
}
