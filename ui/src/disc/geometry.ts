/**
 * The disc: a filled circle seen as a clock face from which time runs out. It is the logo (the last
 * five minutes missing), the favicon and the countdown of the next event.
 */

/** The side of the square box in which the disc is drawn. */
export const DISC_SIZE = 100;

const CENTRE = DISC_SIZE / 2;
const RADIUS = DISC_SIZE / 2 - 4;

/** The span over which the countdown drains, in milliseconds. */
export const DRAIN_MS = 30 * 60_000;

/** How full the countdown is: 1 until 30 minutes before the start, 0 from the start on. */
export function fullness(startMs: number, nowMs: number): number {
  return Math.min(1, Math.max(0, (startMs - nowMs) / DRAIN_MS));
}

function pointAt(share: number): string {
  const angle = share * 2 * Math.PI;
  const x = CENTRE + RADIUS * Math.sin(angle);
  const y = CENTRE - RADIUS * Math.cos(angle);
  return `${round(x)} ${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * The SVG path of the sector that is left, `share` of the whole circle, from 12 o'clock clockwise:
 * what has run out is missing on the left of 12, where the hand will arrive last.
 */
export function discPath(share: number): string {
  const left = Math.min(1, Math.max(0, share));
  if (left === 0) return '';
  const top = pointAt(0);
  if (left === 1) {
    const bottom = pointAt(0.5);
    return `M${top}A${RADIUS} ${RADIUS} 0 0 1 ${bottom}A${RADIUS} ${RADIUS} 0 0 1 ${top}Z`;
  }
  const large = left > 0.5 ? 1 : 0;
  return `M${CENTRE} ${CENTRE}L${top}A${RADIUS} ${RADIUS} 0 ${large} 1 ${pointAt(left)}Z`;
}
