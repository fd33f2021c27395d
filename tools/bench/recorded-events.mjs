/**
 * Recorded decisions as runtimes send them: 40 people with a project each. Four in ten are commands that everybody gives
 * all the time, half work on some hundred files of the project, one in ten was never made before. The same in every run.
 */
const people = 40;
const spanMs = 30 * 24 * 60 * 60 * 1000;
const beginning = Date.parse('2026-01-01T00:00:00.000Z');

/** The span that the events lie in. */
export const span = { from: new Date(beginning).toISOString(), to: new Date(beginning + spanMs - 1).toISOString() };

function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const shapes = [
  (n) => ['RunCommand', { command: `git log -n ${n % 50} -- src/part-${n}.ts` }, 'allow'],
  (n) => ['RunCommand', { command: `npm test -- part-${n}` }, 'require_approval'],
  (n) => ['RunCommand', { command: `grep -rn "name-${n}" src | head -20` }, 'allow'],
  (n) => ['RunCommand', { command: `sed -i s/a${n}/b/ src/part-${n}.ts && git diff --stat` }, 'allow'],
  (n) => ['RunCommand', { command: `ls -la src/part-${n} && cat package.json` }, 'allow'],
  (n) => ['ReadFile', { path: `src/part-${n}.ts` }, 'allow'],
  (n) => ['ReadFile', { path: `docs/part-${n}.md`, offset: 1, limit: 200 }, 'allow'],
  (n) => ['EditFile', { path: `src/part-${n}.ts`, oldText: `const a = ${n};`, newText: 'const b = 1;' }, 'allow'],
  (n) => ['WriteFile', { path: `src/new-${n}.ts` }, 'allow', { content: 200 + ((n * 7919) % 20_000) }],
  (n) => ['SearchText', { path: '.', pattern: `name-${n}` }, 'allow'],
  (n) => ['HttpRequest', { method: 'GET', url: `https://registry.npmjs.org/part-${n}` }, 'require_approval'],
];

/** What everybody does all the time, most often first. */
const usual = [
  'git status',
  'git diff',
  'npm test',
  'ls',
  'npm run lint',
  'git diff --stat',
  'cat package.json',
  'git log --oneline -5',
  'npm run build',
  'ls -la src',
  'npx tsc --noEmit',
  'git branch',
  'pwd',
  'git add -A',
  'node --version',
  'find . -name "*.ts"',
];

/** The id of the n-th thing of a kind. */
export function idOf(prefix, n) {
  return `${prefix}_${n
    .toString(32)
    .toUpperCase()
    .replace(/[ILOU]/g, 'Z')
    .padStart(26, '0')}`;
}

/** Yields envelopes oldest first; `distinct` of what is returned at the end counts the different actions. */
export function* recordedEvents(count) {
  const random = randomNumbers(7);
  const seen = new Set();
  for (let index = 0; index < count; index += 1) {
    const kind = random();
    const shape = Math.floor(random() * shapes.length);
    const n = kind < 0.1 ? 1_000_000 + index : Math.floor(400 * random() ** 2);
    const person = Math.floor(people * random() ** 2);
    const isUsual = kind > 0.6;
    const command = usual[Math.floor(usual.length * random() ** 2)];
    seen.add(isUsual ? `${person} ${command}` : (n * shapes.length + shape) * people + person);
    yield envelopeOf(index, count, person, isUsual ? ['RunCommand', { command }, 'allow'] : shapes[shape](n));
  }
  return { distinct: seen.size };
}

function envelopeOf(index, count, person, [toolName, args, decision, sizes]) {
  const home = `/home/user-${person}`;
  const project = `${home}/projects/shop-${person}`;
  const named = args.path ?? /src\/part-\d+\.ts/.exec(args.command ?? '')?.[0];
  const real = named === undefined ? {} : { realPaths: { [`${project}/${named}`]: `${project}/${named}` } };
  const allowed = decision === 'allow';
  return {
    eventId: idOf('evt', index),
    eventType: 'decision_recorded',
    timestamp: new Date(beginning + Math.floor((index * spanMs) / count)).toISOString(),
    tenantId: 'acme',
    userId: `user-${person}`,
    sessionId: idOf('sess', Math.floor(index / 500)),
    workspaceId: idOf('ws', person),
    taskId: idOf('task', Math.floor(index / 50)),
    stepId: idOf('step', Math.floor(index / 2)),
    component: 'LocalAgentHost',
    boundedContext: 'AgentExecution',
    severity: 'info',
    correlationId: idOf('sess', Math.floor(index / 500)),
    principal: { type: 'user', id: `user-${person}` },
    zone: 'supervised',
    payload: {
      toolCallId: `call_${index}`,
      decision: {
        decision,
        reasonCodes: [allowed ? 'ALLOWED_BY_CAPABILITY' : 'APPROVAL_RULE'],
        ...(allowed ? {} : { ruleId: 'project-code' }),
        riskLevel: 'medium',
        zone: 'supervised',
        explanation: allowed
          ? 'Allowed by the policy "Careful developer".'
          : 'The policy "Careful developer" asks before this by its rule "Running code of the project".',
      },
      recorded: {
        schemaVersion: 1,
        toolName,
        policyBundleVersion: 1,
        actionDigest: `sha256:${'0'.repeat(64)}`,
        replayable: true,
        arguments: args,
        facts: {
          platform: 'linux',
          cwd: project,
          workspaceDir: project,
          homeDir: home,
          untrustedContentRead: false,
          secretContentRead: false,
          folderTrusted: true,
          sandbox: 'bubblewrap',
          ...real,
        },
        ...(sizes === undefined ? {} : { sizes }),
        taskOptions: { allowNetwork: true, approvalMode: 'on_risky_actions' },
      },
    },
  };
}
