import type { KillSwitch, PolicyContent, PolicyVersion, Simulation, SimulationResult } from '@steward/contracts';
import type { HostCallName, HostCalls } from '@steward/desktop-host/contract';

const now = Date.now();
const ago = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();

const content: PolicyContent = {
  name: 'Careful developer',
  description:
    'The agent reads and edits files of the project and looks around with harmless commands on its own. It asks before it deletes, runs project code or unknown commands, or reaches the network.',
  zone: 'supervised',
  capabilities: [
    {
      name: 'File.Read',
      allowedPaths: ['${workspace}'],
      blockedPaths: ['**/.env', '**/.ssh'],
      requiresApproval: false,
    },
    { name: 'File.Write', allowedPaths: ['${workspace}'], blockedPaths: ['**/.git'], requiresApproval: false },
    {
      name: 'Shell.Exec',
      allowedCommands: ['ls', 'git status', 'git diff', 'npm test', 'npm run build'],
      blockedCommands: ['git push', 'sudo'],
      requiresApproval: false,
      unlisted: 'require_approval',
    },
    { name: 'Network.Http', allowedDomains: [], requiresApproval: false, unlisted: 'require_approval' },
    { name: 'LLM.Call', allowedModels: ['demo-1'], requiresApproval: false },
  ],
  llmPolicy: { allowedModels: ['demo-1'], maxInputTokens: 200_000, maxOutputTokens: 8000, maxSessionTokens: 400_000 },
  approvalRules: [
    {
      ruleId: 'ask-before-deleting',
      title: 'Ask before deleting files',
      capability: 'File.Delete',
      decision: 'require_approval',
    },
  ],
  redactionRules: [{ ruleId: 'secrets', kind: 'detectors' }],
  mcpServers: [],
  offlineGraceSeconds: 900,
};

/** Answers of a Policy Service with two published versions and a draft, for looking at the admin's screens. */
export function policyAnswers(): { [K in HostCallName]?: (params: HostCalls[K]['params']) => HostCalls[K]['result'] } {
  let killSwitch: KillSwitch = { active: false, updatedAt: ago(9000) };
  const version = (number: number, status: PolicyVersion['status'], changed: PolicyContent): PolicyVersion => ({
    version: number,
    status,
    revision: 1,
    content: changed,
    createdAt: ago(4000 - number),
    createdBy: 'carol',
    updatedAt: ago(4000 - number),
    ...(status === 'draft'
      ? { basedOnVersion: number - 1 }
      : { publishedAt: ago(3000 - number * 100), publishedBy: 'carol', reason: 'Build folders are safe to write.' }),
  });
  const stricter = {
    ...content,
    capabilities: content.capabilities.map((capability) =>
      capability.name === 'Shell.Exec'
        ? { ...capability, blockedCommands: ['git push', 'sudo', 'npm publish'], allowedCommands: ['ls', 'npm test'] }
        : capability,
    ),
  };
  const versions = [
    version(8, 'draft', stricter),
    version(7, 'active', content),
    version(6, 'superseded', { ...content, name: 'Read only' }),
  ];
  const find = (number: number): PolicyVersion => versions.find((item) => item.version === number) ?? versions[0]!;
  let polls = 0;
  const simulation = (): Simulation => {
    polls += 1;
    const running = polls < 3;
    return {
      simulationId: 'sim_1',
      status: running ? 'running' : 'completed',
      from: ago(10_080),
      to: ago(0),
      createdAt: ago(0),
      createdBy: 'carol',
      updatedAt: ago(0),
      progress: { read: running ? 4200 : 12_480, replayed: running ? 4100 : 12_431, fraction: running ? 0.34 : 1 },
      ...(running ? {} : { result: simulationResult }),
    };
  };
  return {
    listPolicies: () => ({ items: versions }),
    getPolicy: ({ version: number }) => find(number),
    updatePolicyDraft: (params) => ({
      ...find(params.version),
      revision: params.revision + 1,
      content: params.content,
    }),
    validatePolicy: ({ text }) => ({
      valid: !text.includes('superseeded'),
      problems: text.includes('superseeded')
        ? [
            {
              path: '/zone',
              line: 4,
              reason: 'The zone is unknown.',
              remedy: 'Use sandbox, supervised or high_stakes.',
            },
          ]
        : [],
    }),
    diffPolicy: () => ({
      fromVersion: 7,
      effect: 'narrows',
      differences: [
        {
          kind: 'changed',
          subject: 'capability',
          effect: 'narrows',
          path: '/capabilities/2/allowedCommands',
          removedEntries: ['git status', 'git diff', 'npm run build'],
          sentence: 'Shell.Exec allows 3 commands less.',
        },
        {
          kind: 'changed',
          subject: 'capability',
          effect: 'narrows',
          path: '/capabilities/2/blockedCommands',
          addedEntries: ['npm publish'],
          sentence: 'Shell.Exec blocks 1 command more.',
        },
      ],
    }),
    listPolicyTemplates: () => ({
      items: ['Read only', 'Careful developer', 'Trusted project', 'Locked down'].map((name) => ({
        name,
        description: content.description ?? '',
        content: { ...content, name },
      })),
    }),
    createPolicyDraft: () => find(8),
    publishPolicy: () => ({ ...find(8), status: 'active' }),
    simulatePolicy: () => {
      polls = 0;
      return simulation();
    },
    getSimulation: simulation,
    listPolicyChanges: () => ({
      items: [
        {
          changeId: 'evt_01JD0000000000000000000001',
          change: 'published',
          by: 'carol',
          at: ago(2300),
          reason: 'Build folders are safe to write.',
          version: 7,
          audited: true,
        },
        {
          changeId: 'evt_01JD0000000000000000000002',
          change: 'kill_switch_off',
          by: 'carol',
          at: ago(9000),
          reason: 'The incident is over.',
          audited: false,
        },
      ],
    }),
    getKillSwitch: () => killSwitch,
    setKillSwitch: ({ active, reason }) => (killSwitch = { active, reason, updatedBy: 'carol', updatedAt: ago(0) }),
  };
}

const decided = { reasonCodes: ['COMMAND_BLOCKED'] };
const simulationResult: SimulationResult = {
  recorded: 12_480,
  replayed: 12_431,
  unchanged: 12_119,
  changed: 312,
  notReplayable: 49,
  notReplayableReasons: [{ reason: 'The record was made before facts were kept.', count: 49 }],
  changes: [
    {
      from: 'allow',
      to: 'require_approval',
      capability: 'Shell.Exec',
      reasonCode: 'COMMAND_NOT_LISTED',
      count: 300,
      examples: ['git status', 'git diff --stat', 'npm run build'].map((text, index) => ({
        eventId: `evt_${index}`,
        at: ago(600 + index * 700),
        userId: 'alice',
        action: { toolName: 'RunCommand', text },
        before: { decision: 'allow', reasonCodes: ['ALLOWED_BY_CAPABILITY'] },
        after: { decision: 'require_approval', reasonCodes: ['COMMAND_NOT_LISTED'] },
      })),
    },
    {
      from: 'require_approval',
      to: 'deny',
      capability: 'Shell.Exec',
      reasonCode: 'COMMAND_BLOCKED',
      count: 12,
      examples: [
        {
          eventId: 'evt_9',
          at: ago(800),
          userId: 'bob',
          action: { toolName: 'RunCommand', text: 'npm publish --access public' },
          before: { decision: 'require_approval', ...decided },
          after: { decision: 'deny', ...decided, explanation: 'The policy blocks npm publish.' },
        },
      ],
    },
  ],
};
