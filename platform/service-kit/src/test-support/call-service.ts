import supertest from 'supertest';
import type { Response } from 'supertest';
import { fieldOf } from '@steward/sdk';
import type { SchemaIssue, Validator } from '@steward/sdk';
import type { Service } from '../create-service.ts';
import { operationsOf } from '../openapi/document.ts';
import type { Operation } from '../openapi/document.ts';
import { SchemaCompiler } from '../openapi/request-validator.ts';

/** What a call carries beside method and path. */
export interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly query?: Record<string, string | number>;
  readonly headers?: Record<string, string>;
}

type Call = (path: string, options?: CallOptions) => Promise<Response>;

/** Calls a service without a port of its own; paths are those of the document, below `/v1`. */
export interface ServiceCaller {
  readonly get: Call;
  readonly post: Call;
  readonly put: Call;
  readonly patch: Call;
  readonly delete: Call;
}

/** Calls the service and fails the test when a status or body is not the documented one. */
export function callService(service: Pick<Service, 'app' | 'openApi'>): ServiceCaller {
  const compiler = new SchemaCompiler(service.openApi, false);
  const operations = operationsOf(service.openApi);
  const validators = new Map<object, Validator>();
  const check = (method: string, path: string, response: Response): void => {
    const operation = operations.find((candidate) => candidate.method === method && matches(candidate.path, path));
    if (operation === undefined) return;
    const schema = schemaFor(operation, response);
    if (schema === undefined) return;
    const validate = validators.get(schema) ?? compiler.compile(schema);
    validators.set(schema, validate);
    if (validate(response.body) === true) return;
    const issue = validate.errors?.[0] as SchemaIssue | undefined;
    const where = issue === undefined ? '' : `${fieldOf(issue)} ${issue.message ?? ''}`;
    throw new Error(
      `${operation.operationId} answered ${response.status} with an undocumented body (${where}): ${JSON.stringify(response.body)}`,
    );
  };
  const caller = (method: 'get' | 'post' | 'put' | 'patch' | 'delete'): Call => {
    return async (path, options = {}) => {
      let request = supertest(service.app)[method](`/v1${path}`);
      if (options.token !== undefined) request = request.set('authorization', `Bearer ${options.token}`);
      if (options.query !== undefined) request = request.query(options.query);
      for (const [name, value] of Object.entries(options.headers ?? {})) request = request.set(name, value);
      const response = await (options.body === undefined ? request : request.send(options.body as object));
      check(method, path, response);
      return response;
    };
  };
  return {
    get: caller('get'),
    post: caller('post'),
    put: caller('put'),
    patch: caller('patch'),
    delete: caller('delete'),
  };
}

function schemaFor(operation: Operation, response: Response): object | undefined {
  if (!operation.responses.has(response.status)) {
    throw new Error(
      `${operation.operationId} answered the undocumented status ${response.status}: ${JSON.stringify(response.body)}`,
    );
  }
  return operation.responses.get(response.status);
}

function matches(template: string, path: string): boolean {
  const expected = template.split('/');
  const actual = path.split('?')[0]?.split('/') ?? [];
  return (
    expected.length === actual.length && expected.every((part, index) => part.startsWith('{') || part === actual[index])
  );
}
