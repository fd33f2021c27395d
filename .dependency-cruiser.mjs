// Who may import whom (ARCHITECTURE.md). Every rule has a deliberate violation in tools/test/boundaries that proves it fires.
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const backends = '^(backend-[a-z]+|backend-observability/[a-z]+)/';

export default {
  forbidden: [
    rule(
      'contracts-import-nothing',
      'Contracts are the root of every dependency.',
      { path: '^platform/contracts/src' },
      { pathNot: '^platform/contracts/' },
    ),
    rule(
      'policy-engine-is-pure',
      'The decision is data plus one pure function: no I/O, no clock, no product code.',
      { path: '^platform/policy-engine/src' },
      {
        pathNot: [
          '^platform/(contracts|policy-engine)/',
          'node_modules/unbash/',
          '^(node:)?crypto$',
          'node_modules/punycode',
        ],
      },
    ),
    rule(
      'sdk-imports-contracts-only',
      'Every client loads the SDK, so it stays light.',
      { path: '^platform/sdk/src' },
      { path: '^(?!platform/(contracts|sdk)/)(platform|backend|agent-runtime|desktop|infra)' },
    ),
    rule(
      'platform-knows-no-product',
      'Everything imports platform, so platform imports nothing above it.',
      { path: '^platform/' },
      { path: '^(backend-|agent-runtime|desktop|infra|e2e)' },
    ),
    rule(
      'desktop-never-imports-runtime',
      'They speak JSON-RPC and have separate releases.',
      { path: '^desktop/' },
      { path: '^agent-runtime/' },
    ),
    rule(
      'agent-host-knows-no-tool',
      'The loop sees tools through a port.',
      { path: '^agent-runtime/agent-host/' },
      { path: '^agent-runtime/(tool-runtime|app)/' },
    ),
    rule(
      'tool-runtime-knows-no-loop',
      'Tools have no caller but the gate.',
      { path: '^agent-runtime/tool-runtime/' },
      { path: '^agent-runtime/(agent-host|app)/' },
    ),
    rule(
      'tool-port-knows-neither-side',
      'Both sides of the port import it; it is types only.',
      { path: '^agent-runtime/tool-port/' },
      {
        path: '^(?!platform/(contracts|secrets)/|agent-runtime/tool-port/)(platform|backend|agent-runtime|desktop|infra)',
      },
    ),
    rule(
      'runtime-is-wired-in-one-file',
      'One composition root: no other file sees the tools, so none can see both.',
      { path: '^agent-runtime/app/src', pathNot: '^agent-runtime/app/src/main\\.ts$' },
      { path: '^agent-runtime/tool-runtime/' },
    ),
    rule(
      'backends-are-apart',
      'Services meet over HTTP only.',
      { path: backends },
      { path: backends, pathNot: '^$1/' },
    ),
    rule(
      'backends-import-platform-only',
      'A service can be deployed alone.',
      { path: backends },
      { path: '^(agent-runtime|desktop|infra)/' },
    ),
    rule(
      'aws-sdk-at-the-edge',
      'Business code sees a repository, never the SDK.',
      {
        path: '^(backend-|platform|agent-runtime|desktop)',
        pathNot: ['\\.(dynamo|s3)\\.ts$', '/src/main\\.ts$', '^platform/service-kit/', '/test/'],
      },
      { path: 'node_modules/@(aws-sdk|smithy)/' },
    ),
    rule(
      'express-at-the-edge',
      'Only routes and shells speak Express.',
      {
        path: '^(backend-|platform|agent-runtime|desktop|infra)',
        // The load run compares the services with a bare Express handler.
        pathNot: [
          '/src/app\\.ts$',
          'routes\\.ts$',
          '^platform/service-kit/',
          '^desktop/shells/web/',
          '^infra/ci/src/load/bare-server\\.ts$',
          '/test/',
        ],
      },
      { path: 'node_modules/(@types/)?express/' },
    ),
    rule(
      'electron-in-its-shell',
      'Electron is a shell, not the product.',
      { pathNot: '^desktop/shells/electron/' },
      { path: ['node_modules/electron/', '^electron$'] },
    ),
    rule(
      'renderer-is-untrusted',
      'The renderer holds contract types and its own files; it reaches everything else through the bridge.',
      { path: '^desktop/app/src' },
      {
        path: '^(platform/(sdk|service-kit|policy-engine)|desktop/(shells|host/src/(?!contract/))|agent-runtime|backend|infra)',
      },
    ),
    rule(
      'no-cycles',
      'A cycle has no place to start reading.',
      { pathNot: 'node_modules' },
      { circular: true, viaOnly: { pathNot: 'node_modules' } },
    ),
    rule(
      'resolvable',
      'An import that resolves to nothing slips past every other rule.',
      { pathNot: 'node_modules' },
      { couldNotResolve: true, pathNot: '^(virtual:|vite/client)' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)dist/', '^tools/test/boundaries/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
};
