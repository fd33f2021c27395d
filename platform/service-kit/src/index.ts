export { createService } from './create-service.ts';
export type { ProcessOptions, Service, ServiceOptions } from './create-service.ts';
export { answered } from './openapi/handlers.ts';
export type { OperationCall, OperationHandler, OperationHandlers, OperationReply } from './openapi/handlers.ts';
export { SchemaCompiler } from './openapi/request-validator.ts';
export { operationsOf } from './openapi/document.ts';
export type { OpenApiDocument } from './openapi/document.ts';
export { anonymous, hasAnyRole } from './request-context.ts';
export type { Caller, RequestContext } from './request-context.ts';
export { createAuthenticator } from './identity/authenticate.ts';
export { BoundedMap } from './identity/bounded-map.ts';
export { createIntrospection } from './identity/introspection.ts';
export { createRevocationList } from './identity/revocation-list.ts';
export type { Revocation } from './identity/revocation-list.ts';
export { createProtection } from './protection.ts';
export { LoadShedder } from './limits/load-shedder.ts';
export { RateLimiter } from './limits/rate-limiter.ts';
export { MemoryRateStore } from './limits/rate-store.memory.ts';
export { DynamoRateStore } from './limits/rate-store.dynamo.ts';
export type { RateStore } from './limits/rate-store.ts';
export type { Authenticator, AuthenticatorOptions } from './identity/authenticate.ts';
export type { VerifiedToken } from './identity/verified-token.ts';
export { createServiceTokenSource } from './identity/service-token.ts';
export type { ServiceTokenOptions, TokenSource } from './identity/service-token.ts';
export { alreadyDone } from './idempotency/attempt.ts';
export type { Attempt } from './idempotency/attempt.ts';
export type { IdempotencyClaim, IdempotencyStore, StoredReply } from './idempotency/idempotency-store.ts';
export { MemoryIdempotencyStore } from './idempotency/idempotency.memory.ts';
export { DynamoIdempotencyStore } from './idempotency/idempotency.dynamo.ts';
export { ConfigError, deepFreeze, integer, oneOf, optional, readServiceConfig, required, url } from './config.ts';
export type { Environment, ServiceConfig, ServiceName } from './config.ts';
export { listen, runMain, runService } from './listen.ts';
export type { RunningService } from './listen.ts';
export { Lifecycle, UnusedConnections, drainServer } from './drain.ts';
export { firstSequence, writeStreamItem } from './http/event-stream.ts';
export type { StreamItem } from './http/event-stream.ts';
export type { ReadinessCheck } from './http/health-routes.ts';
export { createLogger } from './logger.ts';
export { logChainPass, logQueueAge, operatorEvents } from './operator-events.ts';
export type { ChainPass } from './operator-events.ts';
export type { JobPosition, JobStore } from './jobs/job-store.ts';
export { MemoryJobStore } from './jobs/job-store.memory.ts';
export { DynamoJobStore } from './jobs/job-store.dynamo.ts';
export { takeTurn } from './jobs/take-turn.ts';
export { runEvery } from './jobs/run-every.ts';
export {
  cancelReasonsOf,
  createDynamoClient,
  epochSeconds,
  isCancelledBy,
  isConditionFailed,
  isContention,
  isExpired,
  retryContention,
  tableName,
} from './storage/dynamo.ts';
export type { DynamoDeps } from './storage/dynamo.ts';
export { createInputOf, ensureTables } from './storage/tables.ts';
export { compositeKey, decodeCursor, encodeCursor, limitOf, pageDescending, pageOf } from './storage/pages.ts';
export type { Page, PageRequest } from './storage/pages.ts';
export { createSigningKeys, loadOrCreateSigningKeys } from './identity/signing-keys.ts';
export type { SigningKeys } from './identity/signing-keys.ts';
export { createDynamoReadiness, pingTable } from './storage/readiness.ts';
export { assertOwnTenant } from './storage/tenant-scope.ts';
export type { TenantScope } from './storage/tenant-scope.ts';
export { systemJobs, systemScope } from './storage/system-scope.ts';
export type { SystemJob, SystemScope } from './storage/system-scope.ts';
export { ScopedMap } from './storage/scoped-map.ts';
export { scopedTable } from './storage/scoped-table.ts';
export type { FilteredPart, RowAddress, ScopedQuery, ScopedTable, StartAfter } from './storage/scoped-table.ts';
export { absent, present } from './storage/scoped-write.ts';
export type { ScopedWrite } from './storage/scoped-write.ts';
export { queryTenants, scanSlice, scanTenants } from './storage/system-table.ts';
export type { RowPlace, SystemSlice } from './storage/system-table.ts';
