import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { installable } from './build/app.ts';
import { favicons } from './build/favicons.ts';

const hub = 'http://127.0.0.1:7710';

export default defineConfig(({ mode }) => ({
  base: '/',
  plugins: [svelte(), favicons(), installable()],
  // The component tests mount in a browser-like document.
  resolve: mode === 'test' ? { conditions: ['browser'] } : {},
  build: {
    target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
    // The content security policy allows no `data:` address.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { index: 'index.html', sw: 'src/service-worker.ts' },
      output: {
        // A service worker is for what lies beside it and below, and keeps its name for good.
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
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
