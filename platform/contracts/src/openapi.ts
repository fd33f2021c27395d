export { approvalOpenApi } from './generated/openapi/approval.ts';
export { auditOpenApi } from './generated/openapi/audit.ts';
export { policyOpenApi } from './generated/openapi/policy.ts';
export { sessionOpenApi } from './generated/openapi/session.ts';
export { telemetryOpenApi } from './generated/openapi/telemetry.ts';
export { toolsOpenApi } from './generated/openapi/tools.ts';
export { workspaceOpenApi } from './generated/openapi/workspace.ts';
