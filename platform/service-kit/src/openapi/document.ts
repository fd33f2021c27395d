import { limits } from '@steward/contracts';
import type { RateClass } from '../limits/rate-limiter.ts';

/** One parameter of an operation, with references resolved. */
export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly schema?: object;
}

/** The parts of an OpenAPI 3.1 document that a service is run by. */
export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: object;
  readonly components: { readonly schemas?: object; readonly parameters?: object };
}

/**
 * Who may call an operation: everybody, or a caller with any of the roles. Of services (role `service`) only those that
 * are named, which may also name the tenant and user they act for.
 */
export type Access =
  { readonly public: true } | { readonly roles: readonly string[]; readonly services?: readonly string[] };

/** One operation of the document in the shape the service needs. */
export interface Operation {
  readonly operationId: string;
  readonly method: string;
  /** As in the document: `/approvals/{approvalId}`. */
  readonly path: string;
  readonly access: Access;
  readonly bodyLimitBytes: number;
  /** Which of the rates of the contracts count its requests. */
  readonly rateClass: RateClass;
  readonly parameters: readonly OpenApiParameter[];
  /** Schema of a JSON body; undefined when the operation takes none. */
  readonly bodySchema?: object;
  readonly bodyRequired: boolean;
  /** The body is not JSON: the handler reads it as a stream. */
  readonly streamsBody: boolean;
  /** The answer is an event stream, which lasts as long as the client listens. */
  readonly streamsAnswer: boolean;
  /** Status → schema of its JSON body, or undefined when the body is something else. */
  readonly responses: ReadonlyMap<number, object | undefined>;
}

const verbs = ['get', 'put', 'post', 'patch', 'delete'] as const;

interface RawOperation {
  operationId: string;
  'x-access': Access;
  'x-body-limit'?: number;
  'x-rate'?: RateClass;
  parameters?: (OpenApiParameter | { $ref: string })[];
  requestBody?: { required?: boolean; content: Record<string, { schema?: object }> };
  responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}

/** Every operation of the document, in its order. */
export function operationsOf(document: OpenApiDocument): Operation[] {
  const parameters = (document.components.parameters ?? {}) as Record<string, OpenApiParameter>;
  const resolve = (parameter: OpenApiParameter | { $ref: string }): OpenApiParameter => {
    if (!('$ref' in parameter)) return parameter;
    const found = parameters[parameter.$ref.split('/').at(-1) ?? ''];
    if (found === undefined)
      throw new Error(`${document.info.title} refers to ${parameter.$ref}, which does not exist.`);
    return found;
  };
  const operations: Operation[] = [];
  for (const [path, value] of Object.entries(document.paths)) {
    const item = value as Record<string, unknown> & { parameters?: (OpenApiParameter | { $ref: string })[] };
    for (const method of verbs) {
      const raw = item[method] as RawOperation | undefined;
      if (raw === undefined) continue;
      operations.push(
        readOperation(method, path, raw, [...(item.parameters ?? []), ...(raw.parameters ?? [])].map(resolve)),
      );
    }
  }
  return operations;
}

function readOperation(method: string, path: string, raw: RawOperation, parameters: OpenApiParameter[]): Operation {
  const json = raw.requestBody?.content['application/json'];
  return {
    operationId: raw.operationId,
    method,
    path,
    access: raw['x-access'],
    bodyLimitBytes: raw['x-body-limit'] ?? limits.request.bodyBytes,
    rateClass: raw['x-rate'] ?? (method === 'get' ? 'read' : 'write'),
    parameters,
    ...(json === undefined ? {} : { bodySchema: json.schema ?? {} }),
    bodyRequired: raw.requestBody?.required === true,
    streamsBody: raw.requestBody !== undefined && json === undefined,
    streamsAnswer: Object.values(raw.responses).some(({ content }) => content?.['text/event-stream'] !== undefined),
    responses: new Map(
      Object.entries(raw.responses).map(([status, response]) => [
        Number(status),
        response.content?.['application/json'] === undefined
          ? undefined
          : (response.content['application/json'].schema ?? {}),
      ]),
    ),
  };
}
