/**
 * Rules that keep tenants apart by construction (service-kit's storage). Each takes the lists that it needs as options,
 * so that the exceptions stand in eslint.config.mjs and nowhere else.
 */

const commands =
  /^(Get|Query|Scan|Put|Update|Delete|BatchGet|BatchWrite|Transact(Get|Write)|Execute\w*|Batch\w*)(Item\w*|s)?Command$/;

/** Stores reach DynamoDB through scoped tables only: no client, no command, no other way to load them. */
const scopedStorage = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      import:
        'Use scopedTable(deps, table, scope) of service-kit: it puts the tenant into every key and checks every row.',
      send: 'A store never sends a command itself; scopedTable(deps, table, scope) of service-kit does.',
      dynamic: 'A store loads nothing at run time.',
    },
  },
  create: (context) => ({
    ImportDeclaration(node) {
      const loaded = node.importKind !== 'type' && node.specifiers.some((one) => one.importKind !== 'type');
      const fromSdk = /^@(aws-sdk|smithy)\//.test(node.source.value);
      const named = node.specifiers.some((one) => one.imported !== undefined && commands.test(one.imported.name ?? ''));
      if (fromSdk && (loaded || node.specifiers.length === 0)) context.report({ node, messageId: 'import' });
      else if (named) context.report({ node, messageId: 'import' });
    },
    ExportNamedDeclaration(node) {
      if (/^@(aws-sdk|smithy)\//.test(node.source?.value ?? '')) context.report({ node, messageId: 'import' });
    },
    ImportExpression(node) {
      context.report({ node, messageId: 'dynamic' });
    },
    'CallExpression[callee.name="require"]'(node) {
      context.report({ node, messageId: 'dynamic' });
    },
    MemberExpression(node) {
      const name = node.computed ? node.property.value : node.property.name;
      if (name === 'send') context.report({ node, messageId: 'send' });
    },
  }),
};

/** Every method of a repository takes the caller's scope, or a job's, as its first parameter. */
const repositoryTakesScope = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object', properties: { probes: { type: 'array', items: { type: 'string' } } } }],
    messages: {
      scope: '{{method}} must take `scope: TenantScope` (or a job’s `SystemScope`) as its first parameter.',
    },
  },
  create: (context) => {
    const probes = new Set(context.options[0]?.probes ?? []);
    const check = (node, method, parameters) => {
      if (probes.has(method)) return;
      const type = parameters[0]?.typeAnnotation?.typeAnnotation;
      const name = type?.type === 'TSTypeReference' ? type.typeName.name : undefined;
      if (name === 'TenantScope' || name === 'SystemScope') return;
      context.report({ node, messageId: 'scope', data: { method } });
    };
    return {
      'TSInterfaceDeclaration[id.name=/(Repository|Store)$/] > TSInterfaceBody > TSMethodSignature'(node) {
        check(node, node.key.name, node.params);
      },
      'TSInterfaceDeclaration[id.name=/(Repository|Store)$/] > TSInterfaceBody > TSPropertySignature'(node) {
        const type = node.typeAnnotation?.typeAnnotation;
        if (type?.type === 'TSFunctionType') check(node, node.key.name, type.params);
      },
    };
  },
};

/** Only the listed files may look across tenants, or grant a scope. */
const scopeGrants = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object', properties: { names: { type: 'array', items: { type: 'string' } } } }],
    messages: {
      grant:
        '{{name}} may be used by the files that eslint.config.mjs lists only: a tenant’s data is reached as its caller.',
    },
  },
  create: (context) => {
    const names = new Set(context.options[0]?.names ?? []);
    return {
      ImportSpecifier(node) {
        const name = node.imported.name ?? node.imported.value;
        const isType = node.importKind === 'type' || node.parent.importKind === 'type';
        if (names.has(name) && !isType) context.report({ node, messageId: 'grant', data: { name } });
      },
      MemberExpression(node) {
        const name = node.computed ? node.property.value : node.property.name;
        if (names.has(name)) context.report({ node, messageId: 'grant', data: { name } });
      },
    };
  },
};

export default {
  rules: {
    'scoped-storage': scopedStorage,
    'repository-takes-scope': repositoryTakesScope,
    'scope-grants': scopeGrants,
  },
};
