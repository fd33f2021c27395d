export { createService } from './create-service.ts';
export type { Service, ServiceOptions } from './create-service.ts';
export { answered } from './openapi/handlers.ts';
export type { OperationCall, OperationHandler, OperationHandlers, OperationReply } from './openapi/handlers.ts';
export { SchemaCompiler } from './openapi/request-validator.ts';
export type { OpenApiDocument } from './openapi/document.ts';
export { anonymous, hasAnyRole } from './request-context.ts';
export type { Caller, RequestContext } from './request-context.ts';
export { createAuthenticator } from './identity/authenticate.ts';
export type { Authenticator, AuthenticatorOptions, VerifiedToken } from './identity/authenticate.ts';
export { createServiceTokenSource } from './identity/service-token.ts';
export type { ServiceTokenOptions, TokenSource } from './identity/service-token.ts';
export type { IdempotencyClaim, IdempotencyStore, StoredReply } from './idempotency/idempotency-store.ts';
export { MemoryIdempotencyStore } from './idempotency/idempotency.memory.ts';
export { DynamoIdempotencyStore } from './idempotency/idempotency.dynamo.ts';
export { ConfigError, deepFreeze, integer, oneOf, optional, readServiceConfig, required, url } from './config.ts';
export type { Environment, ServiceConfig, ServiceName } from './config.ts';
export { listen, runMain, runService } from './listen.ts';
export type { RunningService } from './listen.ts';
export { Lifecycle, UnusedConnections, drainServer } from './drain.ts';
export type { ReadinessCheck } from './http/health-routes.ts';
export { createLogger } from './logger.ts';
export {
  cancelReasonsOf,
  createDynamoClient,
  epochSeconds,
  isConditionFailed,
  isContention,
  isExpired,
  queryPage,
  retryContention,
  tableName,
} from './storage/dynamo.ts';
export type { DynamoDeps } from './storage/dynamo.ts';
export { createInputOf, ensureTables } from './storage/tables.ts';
export { compositeKey, decodeCursor, encodeCursor, limitOf, pageOf } from './storage/pages.ts';
export type { Page, PageRequest } from './storage/pages.ts';
export { createSigningKeys, loadOrCreateSigningKeys } from './identity/signing-keys.ts';
export type { SigningKeys } from './identity/signing-keys.ts';
export { createDynamoReadiness } from './storage/readiness.ts';
