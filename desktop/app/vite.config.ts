import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { ProxyOptions } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Sends what the renderer needs from a running web shell to it. The shell checks Host and Origin, so both are
 * rewritten to its own; the launch link works on the development server too.
 */
function shellProxy(shell: string): Record<string, ProxyOptions> {
  const toShell: ProxyOptions = { target: shell, changeOrigin: true, headers: { origin: shell } };
  return { '/bridge': { ...toShell, ws: true }, '^/\\?launch=': toShell, '/auth': toShell, '/sign-in': toShell };
}

export default defineConfig(({ mode }) => {
  const shell = process.env['STEWARD_WEB_SHELL'];
  const fixture = mode === 'fixture';
  return {
    root: here('.'),
    plugins: [react()],
    build: {
      outDir: fixture ? here('../../dist/app-fixture') : here('../../dist/app'),
      emptyOutDir: true,
      target: 'es2023',
      cssTarget: 'chrome130',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 900,
      rolldownOptions: { input: fixture ? { fixture: here('./fixture.html') } : { index: here('./index.html') } },
    },
    server: { host: '127.0.0.1', ...(shell ? { proxy: shellProxy(shell) } : {}) },
  };
});
