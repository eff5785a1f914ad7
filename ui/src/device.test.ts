import { expect, test } from 'vitest';
import { deviceName } from './device';
import { en } from './i18n/en';
import { fr } from './i18n/fr';

const LINUX = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [`${LINUX} Chrome/156.0.0.0 Safari/537.36`, 'Chrome sur Linux'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox sur Linux'],
  [`${LINUX.replace('X11; Linux x86_64', 'Windows NT 10.0')} Chrome/156 Safari/537 Edg/156`, 'Edge sur Windows'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Safari/604', 'Safari sur iPhone'],
  ['Mozilla/5.0 (Linux; Android 16) Chrome/156 Mobile Safari/537', 'Chrome sur Android'],
  ['something else', 'Ce navigateur'],
])('%s is %s', (userAgent, name) => {
  expect(deviceName(userAgent, undefined, fr.join)).toBe(name);
});

test('Chromium says that it is Chrome, but not in its brands', () => {
  const chrome = `${LINUX} Chrome/156.0.0.0 Safari/537.36`;
  const brands = (...names: string[]) => ({ brands: names.map((brand) => ({ brand })) });
  expect(deviceName(chrome, brands('Chromium'), en.join)).toBe('Chromium on Linux');
  expect(deviceName(chrome, brands('Chromium', 'Google Chrome'), en.join)).toBe('Chrome on Linux');
});
