import { DynamoIdempotencyStore, MemoryIdempotencyStore } from '@steward/service-kit';
import type { DynamoDeps, TenantScope } from '@steward/service-kit';
import { testScope } from '@steward/service-kit/test-support';
import { DynamoApprovalRepository } from '../../../backend-approval/src/approvals/repository.dynamo.ts';
import { MemoryApprovalRepository } from '../../../backend-approval/src/approvals/repository.memory.ts';
import { DynamoEventRepository } from '../../../backend-observability/audit/src/events/repository.dynamo.ts';
import { MemoryEventRepository } from '../../../backend-observability/audit/src/events/repository.memory.ts';
import { DynamoIncidentRepository } from '../../../backend-observability/audit/src/incidents/repository.dynamo.ts';
import { MemoryIncidentRepository } from '../../../backend-observability/audit/src/incidents/repository.memory.ts';
import { DynamoPackRepository } from '../../../backend-observability/audit/src/packs/repository.dynamo.ts';
import { MemoryPackRepository } from '../../../backend-observability/audit/src/packs/repository.memory.ts';
import { DynamoPolicyRepository } from '../../../backend-policy/src/policies/repository.dynamo.ts';
import { MemoryPolicyRepository } from '../../../backend-policy/src/policies/repository.memory.ts';
import { DynamoSessionRepository } from '../../../backend-session/src/sessions/repository.dynamo.ts';
import { MemorySessionRepository } from '../../../backend-session/src/sessions/repository.memory.ts';
import type { SessionRepository } from '../../../backend-session/src/sessions/repository.ts';
import { DynamoTaskRepository } from '../../../backend-session/src/tasks/repository.dynamo.ts';
import { MemoryTaskRepository } from '../../../backend-session/src/tasks/repository.memory.ts';
import type { TaskRepository } from '../../../backend-session/src/tasks/repository.ts';
import { MemoryContentStore } from '../../../backend-workspace/src/artifacts/content.memory.ts';
import { DynamoArtifactRepository } from '../../../backend-workspace/src/artifacts/repository.dynamo.ts';
import { MemoryArtifactRepository } from '../../../backend-workspace/src/artifacts/repository.memory.ts';
import { DynamoWorkspaceRepository } from '../../../backend-workspace/src/workspaces/repository.dynamo.ts';
import { MemoryWorkspaceRepository } from '../../../backend-workspace/src/workspaces/repository.memory.ts';

/** Every store of every service. */
export type Stores = ReturnType<typeof memoryStores> | ReturnType<typeof dynamoStores>;

const scopeOf = (tenantId: string): TenantScope => testScope(tenantId);

/** Stores in this process. */
export function memoryStores() {
  const workspaces = new MemoryWorkspaceRepository();
  return {
    scopeOf,
    idempotency: new MemoryIdempotencyStore(),
    policies: new MemoryPolicyRepository(),
    sessions: new MemorySessionRepository() as SessionRepository,
    tasks: new MemoryTaskRepository() as TaskRepository,
    workspaces,
    artifacts: new MemoryArtifactRepository({ workspaces }),
    content: new MemoryContentStore(),
    approvals: new MemoryApprovalRepository(),
    events: new MemoryEventRepository(),
    incidents: new MemoryIncidentRepository(),
    packs: new MemoryPackRepository(),
  };
}

/** Stores in a DynamoDB engine; contents stay in this process. */
export function dynamoStores(dynamo: DynamoDeps) {
  return {
    scopeOf,
    idempotency: new DynamoIdempotencyStore(dynamo),
    policies: new DynamoPolicyRepository(dynamo),
    sessions: new DynamoSessionRepository(dynamo) as SessionRepository,
    tasks: new DynamoTaskRepository(dynamo) as TaskRepository,
    workspaces: new DynamoWorkspaceRepository(dynamo),
    artifacts: new DynamoArtifactRepository(dynamo),
    content: new MemoryContentStore(),
    approvals: new DynamoApprovalRepository(dynamo),
    events: new DynamoEventRepository(dynamo),
    incidents: new DynamoIncidentRepository(dynamo),
    packs: new DynamoPackRepository(dynamo),
  };
}

/** The same stores with the question "is it this person's own" taken out of sessions and tasks. */
export function withoutOwnerQuestions<S extends Stores>(stores: S): S {
  const sessions = new Proxy(stores.sessions, {
    get(target, name) {
      if (name === 'get')
        return (scope: TenantScope, _whose: object, sessionId: string) => target.get(scope, {}, sessionId);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const asOwner = { userId: 'owner' };
  const tasks: TaskRepository = {
    get: (scope, _whose, sessionId, taskId) => stores.tasks.get(scope, asOwner, sessionId, taskId),
    find: (scope, _whose, taskId) => stores.tasks.find(scope, asOwner, taskId),
    list: (scope, _whose, sessionId, page) => stores.tasks.list(scope, asOwner, sessionId, page),
    put: (scope, task) => stores.tasks.put(scope, task),
  };
  return { ...stores, sessions, tasks };
}
