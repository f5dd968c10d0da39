import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const server = process.env.VITRINE_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  // Not `assets`: that is the address of the asset pages.
  build: {
    target: 'es2022',
    sourcemap: false,
    assetsDir: 'static',
    manifest: true,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': server, '^/[prt]/': server } },
  test: { include: ['src/**/*.test.ts'] },
});
