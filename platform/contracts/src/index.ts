export * from './generated/types.ts';
export { builtInTools } from './generated/tools.ts';
export { errorCodes } from './generated/error-codes.ts';
export { limits } from './generated/limits.ts';
export { methods } from './generated/methods.ts';
export { schemas } from './generated/schemas.ts';
export { tables } from './generated/tables.ts';
export type { TableDefinition, TableDefinitions } from './table-definitions.ts';
export { canonicalJson } from './canonical-json.ts';
