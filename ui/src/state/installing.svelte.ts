/** Whether this browser offers to install the page as an app, which it says once and may take back. */

/** Not in every browser, and so not in the DOM's types. */
type Offer = Event & { prompt(): Promise<unknown> };

export class Installing {
  offered = $state(false);
  /** The page runs as an app already. */
  isApp = $state(false);

  #offer: Offer | null = null;

  constructor(private readonly page: Window = window) {}

  start(): void {
    this.isApp = this.page.matchMedia?.('(display-mode: standalone)').matches ?? false;
    this.page.addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.#offer = event as Offer;
      this.offered = true;
    });
    this.page.addEventListener('appinstalled', () => {
      this.offered = false;
      this.isApp = true;
    });
  }

  /** Lets the browser ask; only while a click is being handled, and once for each offer. */
  async install(): Promise<void> {
    const offer = this.#offer;
    this.#offer = null;
    this.offered = false;
    await offer?.prompt();
  }
}
