import type { EventEnvelope } from '@steward/contracts';
import { newId } from '@steward/sdk';
import {
  createTestIssuer,
  callService,
  createManualClock,
  silentLogger,
  testScope,
} from '@steward/service-kit/test-support';
import type { ManualClock, ServiceCaller } from '@steward/service-kit/test-support';
import type { Service } from '@steward/service-kit';
import { createApp } from '../src/app.ts';
import { draftOf } from '../src/events/draft.ts';
import { seal } from '../src/events/chain.ts';
import { streamOf } from '../src/events/event.ts';
import type { StoredEvent } from '../src/events/event.ts';
import { MemoryEventRepository } from '../src/events/repository.memory.ts';
import type { EventRepository } from '../src/events/repository.ts';
import { MemoryPackRepository } from '../src/packs/repository.memory.ts';
import type { PackRepository } from '../src/packs/repository.ts';
import { MemoryIncidentRepository } from '../src/incidents/repository.memory.ts';
import type { IncidentRepository } from '../src/incidents/repository.ts';

/** The n-th second of a day; sorts by n. */
export function second(n: number): string {
  return new Date(Date.UTC(2026, 1, 21, 12, 0, n)).toISOString();
}

/** An event as a runtime sends it. */
export function sentEvent(changes: Partial<EventEnvelope> = {}): EventEnvelope {
  return {
    eventId: newId('evt'),
    eventType: 'tool_completed',
    timestamp: second(0),
    tenantId: 'acme',
    userId: 'alice',
    component: 'LocalAgentHost',
    boundedContext: 'AgentExecution',
    severity: 'info',
    payload: { exitCode: 0 },
    ...changes,
  };
}

/** Consecutive stored events of one stream, from the first number on or after those given. */
export function storedEvents(sent: readonly EventEnvelope[], before: readonly StoredEvent[] = []): StoredEvent[] {
  const stored: StoredEvent[] = [];
  for (const envelope of sent) {
    const head = stored.at(-1) ?? before.at(-1);
    stored.push({
      event: seal(envelope, streamOf(envelope), head?.event),
      owner: 'alice',
      contentDigest: draftOf(personOf('alice', envelope.tenantId), envelope).contentDigest,
      createdAt: second(30),
    });
  }
  return stored;
}

/** A caller with a person's token. */
export function personOf(userId: string, tenantId = 'acme', roles: readonly string[] = ['user']) {
  return {
    tenantId,
    scope: testScope(tenantId),
    userId,
    roles,
    principal: { type: 'user' as const, id: userId },
    isService: false,
  };
}

/** A service over stores, with people who have tokens. */
export interface AuditFixture {
  readonly service: Service;
  readonly api: ServiceCaller;
  readonly clock: ManualClock;
  token(sub: string, tenantId?: string, roles?: readonly string[]): Promise<string>;
}

/** Builds the service; in memory unless stores are given. */
export async function createFixture(
  stores: {
    events?: EventRepository;
    packs?: PackRepository;
    incidents?: IncidentRepository;
    pollMs?: number;
    heartbeatMs?: number;
  } = {},
): Promise<AuditFixture> {
  const issuer = await createTestIssuer();
  const clock = createManualClock('2026-02-21T13:00:00.000Z');
  const service = createApp({
    events: new MemoryEventRepository(),
    packs: new MemoryPackRepository(),
    incidents: new MemoryIncidentRepository(),
    ...stores,
    clock,
    authenticate: issuer.authenticate,
    logger: silentLogger,
  });
  const token = (sub: string, tenantId = 'acme', roles: readonly string[] = ['user']): Promise<string> =>
    issuer.tokenFor({ sub, tenantId, roles });
  return { service, clock, api: callService(service), token };
}
