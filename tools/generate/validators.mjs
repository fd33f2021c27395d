import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { buildSync } from 'esbuild';

/** RFC 3339, without the calendar: enough to refuse what is no time at all. */
const dateTime =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;

/** Compiles validators to plain code so that no schema compiler runs when the runtime starts. */
export function standaloneValidators(schemas, names) {
  // As an expression the format becomes part of the code; ajv-formats would leave a reference that nothing resolves.
  const formats = { 'date-time': dateTime };
  const ajv = new Ajv2020.default({ code: { source: true, esm: true }, strict: false, allErrors: false, formats });
  const defs = JSON.parse(JSON.stringify(schemas).replaceAll('#/components/schemas/', 'steward#/$defs/'));
  ajv.addSchema({ $id: 'steward', $defs: defs });
  const exported = {};
  for (const name of names) {
    const id = `validate${name}`;
    ajv.addSchema({ $id: id, $ref: `steward#/$defs/${name}` });
    exported[id] = id;
  }
  const code = standaloneCode.default(ajv, exported);
  const bundled = buildSync({
    stdin: { contents: code, resolveDir: new URL('..', import.meta.url).pathname, loader: 'js' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    minifySyntax: true,
    target: 'es2022',
  });
  return bundled.outputFiles[0].text;
}
