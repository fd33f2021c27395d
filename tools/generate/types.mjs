import openapiTS, { astToString } from 'openapi-typescript';

const options = { alphabetize: false, emptyObjectsUnknown: true, exportType: true, defaultNonNullable: false };

/** Types of every shared schema by its own name, and of the method table. */
export async function contractTypes(schemas, methods) {
  const ast = await openapiTS(
    { openapi: '3.1.0', info: { title: 'contracts', version: '1' }, paths: {}, components: { schemas } },
    options,
  );
  const names = Object.keys(schemas)
    .map((name) => `export type ${name} = components['schemas']['${name}'];`)
    .join('\n');
  const requests = Object.entries(methods.requests)
    .map(([method, { params, result }]) => `  ${method}: { params: ${params}; result: ${result} };`)
    .join('\n');
  return `${astToString(ast)}\n${names}\n\n/** Method → params and result of every JSON-RPC request. */\nexport type RpcRequests = {\n${requests}\n};\n`;
}

/** Types of one service's paths and operations, for openapi-fetch. */
export async function openApiTypes(document) {
  return astToString(await openapiTS(document, options));
}
