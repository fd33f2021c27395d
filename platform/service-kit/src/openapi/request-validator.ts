import { Ajv2020 } from 'ajv/dist/2020.js';
import { StewardError, assertValid } from '@steward/sdk';
import type { Validator } from '@steward/sdk';
import type { OpenApiDocument, OpenApiParameter, Operation } from './document.ts';

/** The parts of a request after validation; path and query values have the types of their schemas. */
export interface ValidRequest {
  readonly path: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly body: unknown;
}

/** The parts of a request as they arrived. */
export interface RawRequest {
  readonly path: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly headers: Record<string, unknown>;
  readonly body: unknown;
}

/** Validates requests of one service; each operation's schemas are compiled when it is first called. */
export class RequestValidator {
  readonly #coercing: SchemaCompiler;
  readonly #strict: SchemaCompiler;
  readonly #compiled = new Map<string, Validator>();

  constructor(document: OpenApiDocument) {
    this.#coercing = new SchemaCompiler(document, true);
    this.#strict = new SchemaCompiler(document, false);
  }

  /** Throws INVALID_REQUEST naming the first wrong field. */
  validate(operation: Operation, raw: RawRequest): ValidRequest {
    const path = this.#parameters(operation, 'path', raw.path);
    const query = this.#parameters(operation, 'query', raw.query);
    this.#parameters(operation, 'header', raw.headers);
    return { path, query, body: operation.bodySchema === undefined ? undefined : this.#body(operation, raw.body) };
  }

  #parameters(
    operation: Operation,
    place: OpenApiParameter['in'],
    values: Record<string, unknown>,
  ): Record<string, unknown> {
    const declared = operation.parameters.filter((parameter) => parameter.in === place);
    if (declared.length === 0) return {};
    const picked: Record<string, unknown> = {};
    for (const { name } of declared) {
      const value = values[place === 'header' ? name.toLowerCase() : name];
      if (value !== undefined) picked[name] = value;
    }
    const validate = this.#once(`${operation.operationId} ${place}`, () => this.#coercing.compile(schemaOf(declared)));
    return assertValid(validate, picked, `${operation.operationId}: the ${place} parameters`);
  }

  #body(operation: Operation, body: unknown): unknown {
    if (body === undefined) {
      if (!operation.bodyRequired) return undefined;
      throw new StewardError(
        'INVALID_REQUEST',
        `${operation.operationId}: the body is missing; send JSON with Content-Type application/json.`,
      );
    }
    const validate = this.#once(`${operation.operationId} body`, () =>
      this.#strict.compile(operation.bodySchema ?? {}),
    );
    return assertValid(validate, body, `${operation.operationId}: the body`);
  }

  #once(key: string, compile: () => Validator): Validator {
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const made = compile();
    this.#compiled.set(key, made);
    return made;
  }
}

/** Compiles schemas that refer to the document's components. */
export class SchemaCompiler {
  readonly #ajv: Ajv2020;

  constructor(document: OpenApiDocument, coerceTypes: boolean) {
    this.#ajv = new Ajv2020({
      strict: false,
      coerceTypes,
      allErrors: false,
      formats: { binary: true, 'date-time': isTimestamp },
    });
    this.#ajv.addSchema({ $id: 'service', $defs: relocate(document.components.schemas ?? {}) });
  }

  compile(schema: object): Validator {
    return this.#ajv.compile(relocate(schema)) as Validator;
  }
}

function relocate(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/schemas/', '"service#/$defs/')) as object;
}

function schemaOf(parameters: OpenApiParameter[]): object {
  return {
    type: 'object',
    required: parameters.filter(({ required }) => required === true).map(({ name }) => name),
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema ?? {}])),
  };
}

function isTimestamp(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));
}
