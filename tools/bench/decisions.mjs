/** How long one policy decision takes, per capability, and a command of 200 kB at worst. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSource } from './load-source.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const corpus = join(root, 'platform/policy-engine/corpus');
const read = (name) => JSON.parse(readFileSync(join(corpus, name), 'utf8'));
const act = (toolName) => (args) => ({ toolName, arguments: args });

/** Pieces that long commands are made of; each is something that a parser or a judgement may take badly. */
const longPieces = [
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
  '\n',
  ' ',
  'a@',
  'e',
  'a.',
  '*?',
  '$((1+',
  '${x:-',
  'find . -exec ',
  'tar cf x:',
];

function actionsOf() {
  const files = read('paths.json')
    .cases.filter(({ platform }) => platform === 'linux')
    .map(({ path }) => path);
  const families = readdirSync(join(corpus, 'commands')).flatMap((name) => read(`commands/${name}`).cases);
  return {
    'File.Read': files.map((path) => act('ReadFile')({ path })),
    'File.Write': files.map((path) => act('WriteFile')({ path, content: 'x' })),
    'File.Delete': files.map((path) => act('DeleteFile')({ path })),
    'Shell.Exec': [...read('commands.json').cases, ...families].map(({ command }) => act('RunCommand')({ command })),
    'Network.Http': read('urls.json').cases.map(({ url }) => act('HttpRequest')({ method: 'GET', url })),
    'Workspace.Upload': [act('UploadArtifact')({ name: 'x', content: 'y' })],
    'BackendTool.Invoke': [act('server/tool')({})],
    'LLM.Call': [act('LLM.Call')({ model: 'm' })],
  };
}

/** Milliseconds of processor time that this process has used. */
function processorMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * Milliseconds of decisions by capability, after a round of warming up. Each action is decided once per round.
 * `times` holds every single decision, `steady` of each action the median of its rounds, which other programs on the
 * machine don't move; `processor` is the mean processor time of one decision. `long` has one entry per hostile long
 * command: what it is made of, and its elapsed and processor time.
 */
export async function measureDecisions(rounds = 9) {
  const { module, remove } = await loadSource({ file: 'platform/policy-engine/src/index.ts' });
  remove();
  const { decide } = module;
  const { policy, facts } = read('developer-policy.json');
  const one = (action) => {
    const started = performance.now();
    decide(policy, action, facts);
    return performance.now() - started;
  };
  const [times, steady, processor] = [{}, {}, {}];
  for (const [capability, list] of Object.entries(actionsOf())) {
    const actions = list.length >= 20 ? list : Array.from({ length: 200 }, () => list).flat();
    for (let i = 0; i < Math.max(500, actions.length); i++) one(actions[i % actions.length]);
    const byAction = actions.map(() => []);
    const before = processorMs();
    for (let round = 0; round < rounds; round += 1)
      for (const [at, action] of actions.entries()) byAction[at].push(one(action));
    processor[capability] = (processorMs() - before) / (rounds * actions.length);
    times[capability] = byAction.flat();
    steady[capability] = byAction.map(median);
  }
  const long = longPieces.map((piece) => {
    const command = piece.repeat(Math.ceil(200_000 / piece.length)).slice(0, 200_000);
    const before = processorMs();
    const elapsed = one(act('RunCommand')({ command }));
    return { piece, elapsed, processor: processorMs() - before };
  });
  return { times, steady, processor, long };
}
