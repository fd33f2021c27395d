const prefix = '#/components/schemas/';

/** Merges schema files into one flat namespace; a name that is defined twice is an error. */
export function mergeSchemas(files, errorCodes) {
  const merged = {};
  for (const file of files) {
    for (const [name, schema] of Object.entries(file.schemas)) {
      if (merged[name]) throw new Error(`Schema ${name} is defined twice; second time in schemas/${file.name}.yaml.`);
      merged[name] = schema['x-enum-of'] === 'error-codes' ? { type: 'string', enum: Object.keys(errorCodes) } : schema;
    }
  }
  for (const name of Object.keys(merged)) {
    for (const target of references(merged[name])) {
      if (!merged[target]) throw new Error(`Schema ${name} refers to ${target}, which does not exist.`);
    }
  }
  return merged;
}

/** Names of the schemas that a value refers to. */
export function references(value, found = new Set()) {
  if (Array.isArray(value)) value.forEach((item) => references(item, found));
  else if (value && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      if (key === '$ref' && typeof item === 'string' && item.startsWith(prefix)) found.add(item.slice(prefix.length));
      else references(item, found);
    }
  }
  return found;
}

/** The named schemas and all that they refer to. */
export function closure(schemas, names) {
  const result = {};
  const queue = [...names];
  while (queue.length > 0) {
    const name = queue.pop();
    if (result[name]) continue;
    if (!schemas[name]) throw new Error(`There is no schema ${name}.`);
    result[name] = schemas[name];
    queue.push(...references(schemas[name]));
  }
  return Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)));
}
