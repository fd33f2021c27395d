import { closure, references } from './schemas.mjs';

const verbs = ['get', 'put', 'post', 'patch', 'delete', 'head'];
const always = ['INVALID_REQUEST', 'RATE_LIMITED', 'INTERNAL_ERROR', 'SERVICE_UNAVAILABLE'];
const authenticated = ['UNAUTHORIZED', 'PERMISSION_DENIED'];

/**
 * Completes one service's document: error responses from `x-errors` (each code's one status), shared schemas,
 * security, and the health and description routes that every service answers.
 */
export function bundleOpenApi(name, source, schemas, errorCodes) {
  const document = structuredClone(source);
  document.openapi = '3.1.0';
  document.servers = [{ url: '/v1' }];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const verb of verbs) {
      const operation = item[verb];
      if (!operation) continue;
      if (!operation['x-access']) throw new Error(`${name}: ${verb} ${path} declares no x-access.`);
      if (!operation.operationId) throw new Error(`${name}: ${verb} ${path} has no operationId.`);
      assertServices(`${name}: ${operation.operationId}`, operation['x-access']);
      const isPublic = operation['x-access'].public === true;
      operation.security = isPublic ? [] : [{ bearer: [] }];
      const codes = [...always, ...(isPublic ? [] : authenticated), ...(operation['x-errors'] ?? [])];
      if (operation.requestBody) codes.push('FILE_TOO_LARGE');
      addErrors(operation, codes, errorCodes);
    }
  }
  const local = document.components?.schemas ?? {};
  const shared = closure(
    { ...schemas, ...local },
    new Set([...references(document.paths), ...references(local), 'ErrorBody']),
  );
  document.components = {
    ...document.components,
    schemas: { ...shared, ...local },
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
  };
  return document;
}

/** A role says what a caller is; which services may call, and act for others, is said by name. */
function assertServices(where, { roles = [], services }) {
  if (roles.includes('service') === Array.isArray(services)) return;
  throw new Error(`${where}: x-access names the role service and the services that may call, or neither.`);
}

function addErrors(operation, codes, errorCodes) {
  const byStatus = new Map();
  for (const code of new Set(codes)) {
    if (!errorCodes[code]) throw new Error(`${operation.operationId}: unknown error code ${code}.`);
    const status = String(errorCodes[code].httpStatus);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  for (const [status, list] of [...byStatus].sort()) {
    operation.responses[status] ??= {
      description: list.join(', '),
      content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorBody' } } },
      ...(status === '429' || status === '503'
        ? { headers: { 'Retry-After': { schema: { type: 'integer', minimum: 0, maximum: 86400 } } } }
        : {}),
    };
  }
}
