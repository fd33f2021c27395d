import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { buildSync } from 'esbuild';

/** Compiles validators to plain code so that no schema compiler runs when the runtime starts. */
export function standaloneValidators(schemas, names) {
  const ajv = new Ajv2020.default({ code: { source: true, esm: true }, strict: false, allErrors: false, formats: { 'date-time': true } });
  addFormats.default(ajv, { mode: 'fast', formats: ['date-time'] });
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
    bundle: true, format: 'esm', platform: 'node', write: false, minifySyntax: true, target: 'es2022',
  });
  return bundled.outputFiles[0].text;
}
