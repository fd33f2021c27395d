/** How long one policy decision takes, per capability, and a command of 200 kB at worst. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSource } from './load-source.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const corpus = join(root, 'platform/policy-engine/corpus');
const read = (name) => JSON.parse(readFileSync(join(corpus, name), 'utf8'));

/** Milliseconds of single decisions by capability, after a round of warming up; `long` is one per hostile long command. */
export async function measureDecisions(rounds = 5) {
  const { module, remove } = await loadSource({ file: 'platform/policy-engine/src/index.ts' });
  remove();
  const { decide } = module;
  const { policy, facts } = read('developer-policy.json');
  const { cases: paths } = read('paths.json');
  const { cases: urls } = read('urls.json');
  const files = paths.filter(({ platform }) => platform === 'linux').map(({ path }) => path);
  const act = (toolName) => (args) => ({ toolName, arguments: args });
  const actions = {
    'File.Read': files.map((path) => act('ReadFile')({ path })),
    'File.Write': files.map((path) => act('WriteFile')({ path, content: 'x' })),
    'File.Delete': files.map((path) => act('DeleteFile')({ path })),
    'Shell.Exec': read('commands.json').cases.map(({ command }) => act('RunCommand')({ command })),
    'Network.Http': urls.map(({ url }) => act('HttpRequest')({ method: 'GET', url })),
    'Workspace.Upload': [act('UploadArtifact')({ name: 'x', content: 'y' })],
    'BackendTool.Invoke': [act('server/tool')({})],
    'LLM.Call': [act('LLM.Call')({ model: 'm' })],
  };
  const times = {};
  const one = (action) => {
    const started = performance.now();
    decide(policy, action, facts);
    return performance.now() - started;
  };
  for (const [capability, list] of Object.entries(actions)) {
    for (let i = 0; i < 500; i++) one(list[i % list.length]);
    times[capability] = [];
    for (let i = 0; i < Math.max(1000, rounds * list.length); i++) times[capability].push(one(list[i % list.length]));
  }
  const long = [
    'ls; ',
    'a|',
    '$(',
    '"',
    'cat <<E\nE\n',
    'x=1 ',
    '{a,',
    '../',
    '[[ a < b ]] && ',
    'git -c a=b ',
    "'a'",
    '\\',
  ].map((piece) =>
    one(act('RunCommand')({ command: piece.repeat(Math.ceil(200_000 / piece.length)).slice(0, 200_000) })),
  );
  return { times, long };
}
