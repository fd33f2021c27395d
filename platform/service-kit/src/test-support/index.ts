export { createTestIssuer } from './test-issuer.ts';
export type { TestIssuer, TokenRequest } from './test-issuer.ts';
export { callService } from './call-service.ts';
export type { CallOptions, ServiceCaller } from './call-service.ts';
export { startDynamo } from './start-dynamo.ts';
export type { RunningDynamo } from './start-dynamo.ts';
export { createManualClock, createTestIds, silentLogger } from './fixtures.ts';
export type { ManualClock } from './fixtures.ts';
export { testScope } from './test-scope.ts';
