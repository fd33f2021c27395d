import { Ajv2020 } from 'ajv/dist/2020.js';
import type { AnySchemaObject, ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { schemas } from '@steward/contracts';
import { StewardError, assertValid } from '@steward/sdk';
import type { HostCallName, HostCalls } from './bridge.ts';

const ref = (name: string): AnySchemaObject => ({ $ref: `#/components/schemas/${name}` });
const cursor: AnySchemaObject = { type: 'string', minLength: 1, maxLength: 2000 };
const path: AnySchemaObject = { type: 'string', minLength: 1, maxLength: 4096 };

/** A params object: the renderer is untrusted, so nothing beside the named fields is let through. */
function fields(
  required: Record<string, AnySchemaObject>,
  optional: Record<string, AnySchemaObject> = {},
): AnySchemaObject {
  return {
    type: 'object',
    required: Object.keys(required),
    additionalProperties: false,
    properties: { ...required, ...optional },
  };
}

const sessionId = ref('SessionId');
const workspaceId = ref('WorkspaceId');
const taskId = ref('TaskId');
const version: AnySchemaObject = { type: 'integer', minimum: 1, maximum: 1_000_000_000 };
const reason: AnySchemaObject = { type: 'string', minLength: 1, maxLength: 500 };
const simulationId: AnySchemaObject = { type: 'string', pattern: '^sim_[0-9A-HJKMNP-TV-Z]{26}$', maxLength: 30 };
const taskOptions = {
  ...fields(
    {},
    {
      maxSteps: { type: 'integer', minimum: 1, maximum: 1000 },
      allowNetwork: { type: 'boolean' },
      approvalMode: ref('ApprovalMode'),
    },
  ),
};

/** The one table of what each call's params must look like; every name of {@link HostCalls} has its row. */
export const callSchemas: Readonly<Record<HostCallName, AnySchemaObject>> = {
  getSnapshot: fields({}),
  signIn: fields({}),
  signOut: fields({}),
  browseFolders: fields({}, { path }),
  chooseFolder: fields({}),
  openConversation: fields(
    { projectDir: { oneOf: [path, { type: 'null' }] } },
    { continueFromSessionId: sessionId, workspaceId },
  ),
  getConversationState: fields({ sessionId }),
  closeConversation: fields({ sessionId }),
  recoverConversation: fields({ sessionId, action: { enum: ['resume', 'start_fresh', 'close'] } }),
  startTask: fields(
    { sessionId, prompt: { type: 'string', minLength: 1, maxLength: 1_000_000 } },
    { taskId, taskOptions },
  ),
  cancelTask: fields({ sessionId }, { taskId, force: { type: 'boolean' } }),
  approve: fields(
    {
      sessionId,
      approvalId: ref('ApprovalId'),
      actionDigest: ref('Digest'),
      decision: { enum: ['approved', 'denied', 'held'] },
    },
    { scope: ref('ApprovalScope'), reason: { type: 'string', maxLength: 2000 } },
  ),
  getEvents: fields(
    { sessionId, fromSeq: { type: 'integer', minimum: 1 } },
    { limit: { type: 'integer', minimum: 1, maximum: 1000 } },
  ),
  getMessages: fields({ sessionId }, { cursor, limit: { type: 'integer', minimum: 1, maximum: 200 } }),
  getPatch: fields({ sessionId }, { taskId }),
  revertFile: fields({ sessionId }, { taskId, path, force: { type: 'boolean' } }),
  acceptPatch: fields({ sessionId }, { taskId }),
  getCheckpoints: fields({ sessionId }, { cursor }),
  getRewindPlan: fields({ sessionId, checkpointId: ref('CheckpointId') }),
  rewind: fields(
    { sessionId, checkpointId: ref('CheckpointId'), planDigest: ref('Digest') },
    { force: { type: 'boolean' } },
  ),
  forkConversation: fields({ sessionId, checkpointId: ref('CheckpointId') }),
  findFileNames: fields({ sessionId, query: { type: 'string', maxLength: 200 } }),
  listWorkspaces: fields({}, { cursor }),
  listSessions: fields({ workspaceId }, { cursor }),
  getHistory: fields({ workspaceId, sessionId }),
  deleteWorkspace: fields({ workspaceId }),
  getArtifact: fields({ workspaceId, artifactId: ref('ArtifactId') }),
  setSettings: fields({
    settings: fields(
      {},
      {
        theme: { enum: ['system', 'light', 'dark'] },
        reduceMotion: { type: 'boolean' },
        railCollapsed: { type: 'boolean' },
        diffStyle: { enum: ['unified', 'split'] },
        taskOptions,
        recentFolders: { type: 'array', maxItems: 20, items: path },
      },
    ),
  }),
  setFolderTrust: fields({ sessionId, trusted: { type: 'boolean' } }),
  listTrustedFolders: fields({}),
  removeTrustedFolder: fields({ path }),
  listSecrets: fields({}),
  setSecret: ref('NamedSecret'),
  removeSecret: fields({ name: { type: 'string', minLength: 1, maxLength: 64 } }),
  getDiagnostics: fields({}),
  listPolicies: fields({}, { status: ref('PolicyVersionStatus'), cursor }),
  getPolicy: fields({ version }),
  createPolicyDraft: fields(
    {},
    {
      content: ref('PolicyContent'),
      template: { type: 'string', minLength: 1, maxLength: 100 },
      basedOnVersion: version,
    },
  ),
  updatePolicyDraft: fields({ version, revision: version, content: ref('PolicyContent') }),
  validatePolicy: fields({ text: { type: 'string', maxLength: 500_000 } }),
  diffPolicy: fields({}, { fromVersion: version, toVersion: version, content: ref('PolicyContent') }),
  publishPolicy: fields(
    { version, reason },
    { revision: version, expectedActiveVersion: { type: 'integer', minimum: 0, maximum: 1_000_000_000 } },
  ),
  rollbackPolicy: fields(
    { version, reason },
    { expectedActiveVersion: { type: 'integer', minimum: 0, maximum: 1_000_000_000 } },
  ),
  listPolicyChanges: fields({}, { cursor }),
  listPolicyTemplates: fields({}),
  simulatePolicy: ref('SimulationInput'),
  getSimulation: fields({ simulationId }),
  listSimulations: fields({}, { cursor }),
  cancelSimulation: fields({ simulationId }),
  explainAction: fields({ action: ref('PolicyAction') }, { content: ref('PolicyContent'), facts: ref('PolicyFacts') }),
  getKillSwitch: fields({}),
  setKillSwitch: fields({ active: { type: 'boolean' }, reason }),
  revoke: ref('RevocationInput'),
  listSigningKeys: fields({}),
};

/** True when the text names a call of the bridge. */
export function isCallName(name: unknown): name is HostCallName {
  return typeof name === 'string' && Object.hasOwn(callSchemas, name);
}

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;
let compiled: Map<HostCallName, ValidateFunction> | undefined;

/** Returns the params when they satisfy the call's row, otherwise throws INVALID_REQUEST naming the field. */
export function checkCallParams<K extends HostCallName>(name: K, params: unknown): HostCalls[K]['params'] {
  compiled ??= compileAll();
  const validate = compiled.get(name);
  if (validate === undefined) throw new StewardError('INVALID_REQUEST', `There is no call ${name}.`);
  return assertValid<HostCalls[K]['params']>(validate as never, params, name);
}

function compileAll(): Map<HostCallName, ValidateFunction> {
  const ajv = new Ajv2020({ strict: false });
  addFormats(ajv);
  const resolved = (value: unknown): AnySchemaObject =>
    JSON.parse(JSON.stringify(value).replaceAll('"#/components/schemas/', '"steward#/$defs/')) as AnySchemaObject;
  ajv.addSchema({ $id: 'steward', $defs: resolved(schemas) });
  return new Map(
    Object.entries(callSchemas).map(([name, schema]) => [name as HostCallName, ajv.compile(resolved(schema))]),
  );
}
