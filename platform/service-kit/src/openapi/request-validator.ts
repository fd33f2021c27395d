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
  readonly #operations = new Map<Operation, OperationValidator>();

  constructor(document: OpenApiDocument) {
    this.#coercing = new SchemaCompiler(document, true);
    this.#strict = new SchemaCompiler(document, false);
  }

  /** Throws INVALID_REQUEST naming the first wrong field. */
  validate(operation: Operation, raw: RawRequest): ValidRequest {
    const known = this.#operations.get(operation);
    if (known !== undefined) return known.validate(raw);
    const made = new OperationValidator(operation, this.#coercing, this.#strict);
    this.#operations.set(operation, made);
    return made.validate(raw);
  }
}

/** The compiled schemas of one operation. */
class OperationValidator {
  readonly #operation: Operation;
  readonly #path: ParameterValidator | undefined;
  readonly #query: ParameterValidator | undefined;
  readonly #header: ParameterValidator | undefined;
  readonly #body: Validator | undefined;

  constructor(operation: Operation, coercing: SchemaCompiler, strict: SchemaCompiler) {
    this.#operation = operation;
    this.#path = parameterValidator(operation, 'path', coercing);
    this.#query = parameterValidator(operation, 'query', coercing);
    this.#header = parameterValidator(operation, 'header', coercing);
    this.#body = operation.bodySchema === undefined ? undefined : strict.compile(operation.bodySchema);
  }

  validate(raw: RawRequest): ValidRequest {
    const path = this.#path?.(raw.path) ?? {};
    const query = this.#query?.(raw.query) ?? {};
    this.#header?.(raw.headers);
    return { path, query, body: this.#body === undefined ? undefined : this.#validBody(this.#body, raw.body) };
  }

  #validBody(validate: Validator, body: unknown): unknown {
    const { operationId, bodyRequired } = this.#operation;
    if (body !== undefined) return assertValid(validate, body, `${operationId}: the body`);
    if (!bodyRequired) return undefined;
    throw new StewardError(
      'INVALID_REQUEST',
      `${operationId}: the body is missing; send JSON with Content-Type application/json.`,
    );
  }
}

/** Picks the declared parameters out of those that arrived, with the types of their schemas; throws INVALID_REQUEST. */
type ParameterValidator = (values: Record<string, unknown>) => Record<string, unknown>;

function parameterValidator(
  operation: Operation,
  place: OpenApiParameter['in'],
  compiler: SchemaCompiler,
): ParameterValidator | undefined {
  const declared = operation.parameters.filter((parameter) => parameter.in === place);
  if (declared.length === 0) return undefined;
  const names = declared.map(({ name }) => ({ name, arrivesAs: place === 'header' ? name.toLowerCase() : name }));
  const validate = compiler.compile(schemaOf(declared));
  const what = `${operation.operationId}: the ${place} parameters`;
  return (values) => {
    const picked: Record<string, unknown> = {};
    for (const { name, arrivesAs } of names) {
      const value = values[arrivesAs];
      if (value !== undefined) picked[name] = value;
    }
    return assertValid(validate, picked, what);
  };
}

/** Compiles schemas that refer to the document's components. */
export class SchemaCompiler {
  readonly #ajv: Ajv2020;

  constructor(document: OpenApiDocument, coerceTypes: boolean) {
    this.#ajv = new Ajv2020({
      strict: false,
      coerceTypes,
      allErrors: false,
      // A test compares every document with the meta-schema; compiling that here would be a third of a start.
      validateSchema: false,
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
