// Moments relative to now, as the API takes them.

/**
 * @param {number} minutes
 * @param {number} [seconds]
 */
export function fromNow(minutes, seconds = 0) {
  return new Date(Date.now() + minutes * 60_000 + seconds * 1_000).toISOString();
}
