/** The parts of an OpenAPI document that this package reads. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: { readonly parameters?: Readonly<Record<string, Parameter>>; readonly schemas?: Schemas };
}

interface Schema {
  readonly $ref?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

type Schemas = Readonly<Record<string, Schema>>;

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface RawOperation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly 'x-access'?: { readonly roles?: readonly string[] };
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
}

/** A place of an operation that takes an id of a resource. */
export interface IdPlace {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly roles: readonly string[];
  readonly in: 'path' | 'query' | 'body';
  readonly name: string;
  /** Prefix of the ids: `ws`, `sess`, … */
  readonly kind: string;
  /** Path parameters of the same operation with the prefix of their ids, undefined where they are no ids. */
  readonly pathKinds: Readonly<Record<string, string | undefined>>;
}

const VERBS = ['get', 'put', 'post', 'patch', 'delete'];
const ID_PATTERN = /^\^([a-z]+)_\[0-9A-HJKMNP-TV-Z\]\{26\}\$$/;

/** Names of all operations of a document, in order. */
export function operationsOf(document: Document): string[] {
  return rawOperations(document).map(({ operation }) => operation.operationId);
}

/** Every place, in every operation, that takes an id: path, query, and the first level of JSON bodies. */
export function idPlacesOf(document: Document): IdPlace[] {
  return rawOperations(document).flatMap(({ path, method, operation, shared }) => {
    const parameters = [...shared, ...(operation.parameters ?? [])].map((parameter) =>
      resolveParameter(document, parameter),
    );
    const inPath = parameters.filter((parameter) => parameter.in === 'path');
    const common = {
      operation: operation.operationId,
      method: method.toUpperCase(),
      path,
      roles: operation['x-access']?.roles ?? [],
      pathKinds: Object.fromEntries(inPath.map(({ name, schema }) => [name, kindOf(document, schema)])),
    };
    const places: IdPlace[] = [];
    for (const { name, in: place, schema } of parameters) {
      const kind = kindOf(document, schema);
      if (kind !== undefined && (place === 'path' || place === 'query'))
        places.push({ ...common, in: place, name, kind });
    }
    const body = resolveSchema(document, operation.requestBody?.content['application/json']?.schema);
    for (const [name, schema] of Object.entries(body?.properties ?? {})) {
      const kind = kindOf(document, schema);
      if (kind !== undefined) places.push({ ...common, in: 'body', name, kind });
    }
    return places;
  });
}

function rawOperations(
  document: Document,
): { path: string; method: string; operation: RawOperation; shared: readonly Parameter[] }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    VERBS.filter((verb) => item[verb] !== undefined).map((method) => ({
      path,
      method,
      operation: item[method] as RawOperation,
      shared: (item['parameters'] ?? []) as readonly Parameter[],
    })),
  );
}

function resolveParameter(document: Document, parameter: Parameter): Parameter {
  if (parameter.$ref === undefined) return parameter;
  const name = parameter.$ref.split('/').at(-1) ?? '';
  const found = document.components?.parameters?.[name];
  if (found === undefined) throw new Error(`The document has no parameter ${name}.`);
  return found;
}

function resolveSchema(document: Document, schema: Schema | undefined): Schema | undefined {
  if (schema?.$ref === undefined) return schema;
  return document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''];
}

function kindOf(document: Document, schema: Schema | undefined): string | undefined {
  return ID_PATTERN.exec(resolveSchema(document, schema)?.pattern ?? '')?.[1];
}
