import type { OpenApiDocument } from '../src/index.ts';

interface Thing {
  name: string;
  tenantId: string;
  number: number;
}

/** The operations of the document below, as the generator would type them. */
export interface ThingOperations {
  createThing: {
    parameters: { query?: never; path?: never };
    requestBody: { content: { 'application/json': { name: string } } };
    responses: { 201: { content: { 'application/json': Thing } } };
  };
  getThing: {
    parameters: { query?: { times?: number }; path: { thingId: string } };
    responses: { 200: { content: { 'application/json': Thing } } };
  };
  getKeys: {
    parameters: { query?: never };
    responses: { 200: { content: { 'application/json': { keys: never[] } } } };
  };
}

const json = (name: string) => ({
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
});
const errors = Object.fromEntries(
  [400, 401, 403, 404, 409, 413, 429, 500, 503].map((status) => [String(status), json('ErrorBody')]),
);

/** A small service's document. */
export const things: OpenApiDocument = {
  info: { title: 'Things', version: '1.0.0' },
  paths: {
    '/things': {
      post: {
        operationId: 'createThing',
        'x-access': { roles: ['user', 'service'], services: ['session'] },
        'x-body-limit': 1000,
        requestBody: { required: true, ...json('ThingInput') },
        responses: { '201': json('Thing'), ...errors },
      },
    },
    '/things/{thingId}': {
      parameters: [{ name: 'thingId', in: 'path', required: true, schema: { type: 'string', maxLength: 10 } }],
      get: {
        operationId: 'getThing',
        'x-access': { roles: ['user'] },
        parameters: [{ $ref: '#/components/parameters/Times' }],
        responses: { '200': json('Thing'), ...errors },
      },
    },
    '/.well-known/keys': {
      get: { operationId: 'getKeys', 'x-access': { public: true }, responses: { '200': json('Keys'), ...errors } },
    },
  },
  components: {
    parameters: { Times: { name: 'times', in: 'query', schema: { type: 'integer', minimum: 0 } } },
    schemas: {
      ThingInput: {
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: { name: { type: 'string', maxLength: 500 } },
      },
      Thing: {
        type: 'object',
        required: ['name', 'tenantId', 'number'],
        additionalProperties: false,
        properties: { name: { type: 'string' }, tenantId: { type: 'string' }, number: { type: 'integer' } },
      },
      Keys: { type: 'object', required: ['keys'], properties: { keys: { type: 'array' } } },
      ErrorBody: {
        type: 'object',
        required: ['code', 'message', 'retryable', 'details'],
        properties: { code: { type: 'string' } },
      },
    },
  },
};
