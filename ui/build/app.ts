import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';
import { discPath } from '../src/disc/geometry.ts';

const GROUND = '#FAF8F4';
const ACCENT = '#C9700F';

/** Launchers cut it as they like: what counts is within the inner four fifths. */
const maskable =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 180 180">` +
  `<rect width="180" height="180" fill="${GROUND}"/>` +
  `<path transform="translate(40 40)" fill="${ACCENT}" d="${discPath(55 / 60)}"/></svg>\n`;

/** Drawn by icons/draw.py, for the desktop app. */
const PICTURES = { 'icon-256.png': '128x128@2x.png', 'icon-512.png': 'icon.png' };

const manifest = {
  id: '/',
  name: 'Rappel',
  short_name: 'Rappel',
  start_url: '/',
  scope: '/',
  display: 'standalone',
  background_color: GROUND,
  theme_color: GROUND,
  icons: [
    { src: '/icon-256.png', sizes: '256x256', type: 'image/png' },
    { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
    { src: '/icon-maskable.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'maskable' },
  ],
};

/** What makes the page an app that can be installed, where browsers offer that. */
export function installable(): Plugin {
  return {
    name: 'rappel-installable',
    async generateBundle() {
      const files: Record<string, string | Uint8Array> = {
        'manifest.webmanifest': JSON.stringify(manifest),
        'icon-maskable.svg': maskable,
      };
      for (const [fileName, drawn] of Object.entries(PICTURES)) {
        files[fileName] = await readFile(new URL(`../../icons/${drawn}`, import.meta.url));
      }
      for (const [fileName, source] of Object.entries(files)) {
        this.emitFile({ type: 'asset', fileName, source });
      }
    },
  };
}
