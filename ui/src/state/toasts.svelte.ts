/** Short messages about what was just done, with a way to undo it where there is one. */

const SHOWN_MS = 6_000;
const WITH_ACTION_MS = 10_000;

export type Toast = {
  id: number;
  text: string;
  tone: 'plain' | 'danger';
  action: { label: string; run(): void } | null;
};

export class Toasts {
  items = $state.raw<Toast[]>([]);

  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  say(text: string, action: Toast['action'] = null): void {
    this.#add({ text, tone: 'plain', action });
  }

  complain(text: string): void {
    this.#add({ text, tone: 'danger', action: null });
  }

  act(toast: Toast): void {
    this.close(toast.id);
    toast.action?.run();
  }

  close(id: number): void {
    this.hold(id);
    this.items = this.items.filter((toast) => toast.id !== id);
  }

  /** Somebody is reading it or about to use it: it stays. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  /** It may go again after its time. */
  release(id: number): void {
    const toast = this.items.find((one) => one.id === id);
    if (toast === undefined) return;
    this.hold(id);
    const ms = toast.action === null ? SHOWN_MS : WITH_ACTION_MS;
    this.#timers.set(id, setTimeout(() => this.close(id), ms));
  }

  #add(toast: Omit<Toast, 'id'>): void {
    const id = this.#next++;
    // The same thing said twice is said once.
    const others = this.items.filter((one) => one.text !== toast.text);
    this.items = [...others, { ...toast, id }].slice(-3);
    this.release(id);
  }
}
