import { describe, expect, test } from 'vitest';
import { discPath, DRAIN_MS, fullness } from './geometry';

describe('fullness', () => {
  const start = Date.parse('2026-11-23T09:00:00Z');

  test('is whole until half an hour before the start', () => {
    expect(fullness(start, start - 2 * DRAIN_MS)).toBe(1);
    expect(fullness(start, start - DRAIN_MS)).toBe(1);
  });

  test('drains evenly, and is empty from the start on', () => {
    expect(fullness(start, start - DRAIN_MS / 2)).toBe(0.5);
    expect(fullness(start, start)).toBe(0);
    expect(fullness(start, start + 1)).toBe(0);
  });
});

describe('discPath', () => {
  test('is nothing when nothing is left', () => {
    expect(discPath(0)).toBe('');
    expect(discPath(-1)).toBe('');
  });

  test('closes a whole circle, which a single arc cannot', () => {
    expect(discPath(1).match(/A/g)).toHaveLength(2);
    expect(discPath(1)).toBe(discPath(2));
  });

  test('takes the long way round above a half', () => {
    expect(discPath(0.25)).toContain(' 0 0 1 96 50');
    expect(discPath(0.75)).toContain(' 0 1 1 4 50');
  });

  test('lacks the five minutes before twelve in the logo', () => {
    const [x, y] = discPath(55 / 60).match(/([\d.]+) ([\d.]+)Z$/)!.slice(1).map(Number);
    expect(x).toBeCloseTo(50 - 46 * Math.sin(Math.PI / 6), 1);
    expect(y).toBeCloseTo(50 - 46 * Math.cos(Math.PI / 6), 1);
  });
});
