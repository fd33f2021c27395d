export * from './errors.ts';
export * from './clock.ts';
export * from './ids.ts';
export * from './json.ts';
export { programEnvironment } from './program-environment.ts';
export { logLines } from './log-lines.ts';
export * from './trace.ts';
export * from './events.ts';
export { conversationTitle } from './conversation-title.ts';
export { assertValid, fieldOf } from './validators.ts';
export type { SchemaIssue, Validator } from './validators.ts';
export * from './generated/validators.js';
export type { Transport, TransportFault } from './jsonrpc/transport.ts';
export { LineTransport } from './jsonrpc/line-transport.ts';
export type { LineTransportOptions } from './jsonrpc/line-transport.ts';
export { createTransportPair } from './jsonrpc/memory-transport.ts';
export { JsonRpcPeer } from './jsonrpc/json-rpc-peer.ts';
export type { JsonRpcPeerOptions, RpcCall, RpcHandler, RpcTable } from './jsonrpc/json-rpc-peer.ts';
export { JsonRpcError, fromRpcError, rpcCodes, toRpcError } from './jsonrpc/rpc-error.ts';
export type { RpcErrorObject } from './jsonrpc/rpc-error.ts';
export { createServiceClient } from './http/service-client.ts';
export type { ServiceClient } from './http/service-client.ts';
export { createServiceFetch } from './http/service-fetch.ts';
export type { ServiceCallOptions } from './http/service-fetch.ts';
export { RetryBudget, pauseBefore, retryAfterSeconds, withRetry } from './http/retry.ts';
export type { RetryOptions } from './http/retry.ts';
export { readServerSentEvents } from './http/server-sent-events.ts';
export type { ServerSentEvent } from './http/server-sent-events.ts';
export type {
  components as SessionComponents,
  operations as SessionOperations,
  paths as SessionPaths,
} from './generated/session-api.ts';
export type {
  components as PolicyComponents,
  operations as PolicyOperations,
  paths as PolicyPaths,
} from './generated/policy-api.ts';
export type {
  components as WorkspaceComponents,
  operations as WorkspaceOperations,
  paths as WorkspacePaths,
} from './generated/workspace-api.ts';
export type {
  components as ApprovalComponents,
  operations as ApprovalOperations,
  paths as ApprovalPaths,
} from './generated/approval-api.ts';
export type {
  components as AuditComponents,
  operations as AuditOperations,
  paths as AuditPaths,
} from './generated/audit-api.ts';
export type {
  components as TelemetryComponents,
  operations as TelemetryOperations,
  paths as TelemetryPaths,
} from './generated/telemetry-api.ts';
export type {
  components as ToolsComponents,
  operations as ToolsOperations,
  paths as ToolsPaths,
} from './generated/tools-api.ts';
