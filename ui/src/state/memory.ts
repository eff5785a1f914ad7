/** What this browser keeps for itself between visits. Losing it is harmless. */

export type Memory = {
  read(key: string): unknown;
  write(key: string, value: unknown): void;
};

/** Local storage; where the browser forbids it, things are simply not kept. */
export function browserMemory(): Memory {
  return {
    read(key) {
      try {
        return JSON.parse(window.localStorage.getItem(key) ?? 'null');
      } catch {
        return null;
      }
    },
    write(key, value) {
      try {
        window.localStorage.setItem(key, JSON.stringify(value));
      } catch {
        // Full or forbidden.
      }
    },
  };
}
