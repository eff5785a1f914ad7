import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { favicons } from './build/favicons.ts';

const hub = 'http://127.0.0.1:7710';

export default defineConfig(({ mode }) => ({
  base: '/',
  plugins: [svelte(), favicons()],
  // The component tests mount in a browser-like document.
  resolve: mode === 'test' ? { conditions: ['browser'] } : {},
  build: {
    target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
    // The content security policy allows no `data:` address.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      '/api': { target: hub, changeOrigin: true },
      '/ws': { target: hub, changeOrigin: true, ws: true },
    },
  },
  test: {
    environment: 'happy-dom',
    pool: 'threads',
    isolate: false,
    include: ['src/**/*.test.ts'],
  },
}));
