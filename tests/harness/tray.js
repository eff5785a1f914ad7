// The tray as its panel sees it: the icons that registered, their tooltips and their menus.

import { eventually } from "./program.js";

const ITEM = "org.kde.StatusNotifierItem";
const MENU = "com.canonical.dbusmenu";

/** @typedef {{ id: number, label: string, enabled: boolean, checked: boolean, children: Entry[] }} Entry */

export class Tray {
  /** @param {import("./bus.js").Bus} bus */
  constructor(bus) {
    this.bus = bus;
  }

  /** The one icon in the tray, once it is there. */
  icon() {
    return eventually("an icon in the tray", async () => {
      const watcher = { name: "org.kde.StatusNotifierWatcher", path: "/StatusNotifierWatcher", interface: "org.kde.StatusNotifierWatcher" };
      const [item, ...others] = await this.bus.property(watcher, "RegisteredStatusNotifierItems");
      if (!item || others.length > 0) return null;
      const slash = item.indexOf("/");
      return { name: item.slice(0, slash), path: item.slice(slash), interface: ITEM };
    });
  }

  /** How many icons are there. */
  async count() {
    const watcher = { name: "org.kde.StatusNotifierWatcher", path: "/StatusNotifierWatcher", interface: "org.kde.StatusNotifierWatcher" };
    return (await this.bus.property(watcher, "RegisteredStatusNotifierItems")).length;
  }

  async #menu() {
    const icon = await this.icon();
    return { name: icon.name, path: await this.bus.property(icon, "Menu"), interface: MENU };
  }

  /** The entries of its menu. @returns {Promise<Entry[]>} */
  async entries() {
    const [, root] = await this.bus.call(await this.#menu(), "GetLayout", "iias", [0, -1, 0]);
    return entry(root).children;
  }

  /**
   * Chooses a menu entry by its label.
   * @param {RegExp} label
   */
  async choose(label) {
    const chosen = await eventually(`the tray's entry ${label}`, async () =>
      (await this.entries()).find((here) => label.test(here.label)),
    );
    await this.bus.call(await this.#menu(), "Event", "isvu", [chosen.id, "clicked", "i", 0, 0]);
  }
}

/**
 * @param {any} layout (id, properties, children) as the menu's protocol gives it
 * @returns {Entry}
 */
function entry([id, properties, children]) {
  return {
    id,
    // A lone underscore marks the access key, a double one is an underscore.
    label: (properties.label?.data ?? "").replace(/_(.)/g, "$1"),
    enabled: properties.enabled?.data ?? true,
    checked: properties["toggle-state"]?.data === 1,
    children: children.map((/** @type {any} */ child) => entry(child.data)),
  };
}
