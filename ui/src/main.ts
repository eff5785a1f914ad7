import { mount } from 'svelte';
import AppView from './App.svelte';
import { browserPlatform } from './platform/browser';
import type { Platform } from './platform/types';
import { App } from './state/app.svelte';
import { browserMemory } from './state/memory';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';

async function findPlatform(): Promise<Platform> {
  if (!('__TAURI_INTERNALS__' in window)) return browserPlatform();
  const { desktopPlatform } = await import('./platform/desktop');
  return desktopPlatform();
}

const app = new App(await findPlatform(), browserMemory());
const target = document.getElementById('app');
if (target === null) throw new Error('BUG: index.html has no #app');
mount(AppView, { target, props: { app } });
await app.start();
