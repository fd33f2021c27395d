import js from '@eslint/js';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import tenantIsolation from './tools/eslint/tenant-isolation.mjs';

export default tseslint.config(
  { ignores: ['**/dist/**', '**/generated/**', 'node_modules/**', 'tools/test/boundaries/**', 'e2e/results/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'import-x/no-extraneous-dependencies': [
        'error',
        {
          devDependencies: [
            '**/test/**',
            '**/dev/**',
            'e2e/**',
            'tools/**',
            '**/build/**',
            '**/vite.config.ts',
            '**/src/test-support/**',
          ],
        },
      ],
      'no-control-regex': 'off',
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.dynamo.ts'],
    plugins: { tenant: tenantIsolation },
    rules: { 'tenant/scoped-storage': 'error' },
  },
  {
    // Stores of the services; what the desktop keeps on one machine has no tenants.
    files: ['*repository.ts', '*-store.ts', 'artifacts/content.ts'].flatMap((name) => [
      `backend-*/**/src/**/${name}`,
      `platform/service-kit/src/**/${name}`,
    ]),
    plugins: { tenant: tenantIsolation },
    rules: { 'tenant/repository-takes-scope': ['error', { probes: ['check', 'ping'] }] },
  },
  {
    // Who may grant a scope or look across tenants; everybody else has the scope of an authenticated caller.
    files: ['**/src/**/*.ts'],
    ignores: [
      'platform/service-kit/src/index.ts',
      'platform/service-kit/src/identity/caller.ts',
      'platform/service-kit/src/request-context.ts',
      'platform/service-kit/src/storage/system-scope.ts',
      'platform/service-kit/src/test-support/test-scope.ts',
      'backend-policy/src/app.ts',
      'backend-policy/src/changes/outbox-age.ts',
      'backend-observability/audit/src/verification/chain-verification.ts',
      'backend-workspace/src/workspaces/purge.ts',
    ],
    plugins: { tenant: tenantIsolation },
    rules: { 'tenant/scope-grants': ['error', { names: ['grantScope', 'systemScope', 'testScope'] }] },
  },
  {
    // Test tools are declared once, at the root.
    files: ['**/test/**', '**/*.contract.ts', '**/src/test-support/**'],
    rules: { 'import-x/no-extraneous-dependencies': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
        structuredClone: 'readonly',
      },
    },
  },
);
