export { RuntimeServer } from './rpc/runtime-server.ts';
export type { HostDeps, RuntimeSettings } from './session/session-deps.ts';
export { BundleVerifier } from './session/bundle-verifier.ts';
export type { BundleVerifierDeps, VerifyOptions } from './session/bundle-verifier.ts';
export { HttpBackend } from './backend/http-backend.ts';
export type { BackendAddresses } from './backend/http-backend.ts';
export { GatewayModel } from './model/gateway-model.ts';
export type { GatewayModelOptions } from './model/gateway-model.ts';
export { systemJournalFiles } from './journal/journal-files.ts';
export type { JournalFiles } from './journal/journal-files.ts';
export { redactDeep } from './secrets/redact-deep.ts';
export { isSealed } from './journal/sealed-segment.ts';
export type { Seal } from './journal/sealed-segment.ts';
export { NamedSecrets } from './secrets/named-secrets.ts';
export { inspectJournal } from './journal/inspect-journal.ts';
export type { InspectedRecord, JournalReport } from './journal/inspect-journal.ts';
export { SessionStore } from './session/session-store.ts';
export type { SessionStoreDeps, StoreOpening } from './session/session-store.ts';
export type {
  Backend,
  Log,
  Model,
  ModelAnswer,
  ModelToolCall,
  OutboxRequest,
  RemoteApproval,
  Scheduler,
} from './ports.ts';
