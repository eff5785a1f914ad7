/** What to call this device when nobody has named it: "Chromium sur Linux". */

import type { Words } from './i18n';
import type { System } from './i18n/secure.fr';

/** The first pattern that fits wins, so the more particular come first. */
const BROWSERS: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chromium\//, 'Chromium'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const SYSTEMS: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

type Brand = { brand: string };

/** What browsers with client hints say of themselves: Chromium calls itself Chrome elsewhere. */
export type Hints = { brands: readonly Brand[] } | undefined;

export function deviceName(userAgent: string, hints: Hints, words: Words['join']): string {
  const system = firstOf(SYSTEMS, userAgent);
  let browser = firstOf(BROWSERS, userAgent);
  if (browser === 'Chrome' && hints !== undefined) {
    const named = hints.brands.map(({ brand }) => brand);
    if (named.includes('Chromium') && !named.includes('Google Chrome')) browser = 'Chromium';
  }
  if (browser === null) return words.thisBrowser;
  return system === null ? browser : words.browserOn(browser, system);
}

function firstOf(patterns: [RegExp, string][], text: string): string | null {
  return patterns.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** Whether it is something carried about, which sleeps in a pocket. */
export function isPhone(userAgent: string): boolean {
  return /Android|iPhone|iPad|iPod|Mobile/.test(userAgent);
}

/** Whose way of installing an authority a browser has. */
export function systemOf(userAgent: string): System {
  const system = firstOf(SYSTEMS, userAgent);
  if (system === 'Windows') return 'windows';
  if (system === 'Android') return 'android';
  if (system === 'iPhone' || system === 'iPad') return 'iphone';
  if (system === 'Mac') return 'mac';
  return firstOf(BROWSERS, userAgent) === 'Firefox' ? 'firefox' : 'chrome';
}
