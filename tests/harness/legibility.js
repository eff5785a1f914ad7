// Whether a screen can be used by everybody: the rules of axe-core, and nothing cut off at its width.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** Popups stand on any page, below headings of any level. */
const NOT_HERE = { "heading-order": { enabled: false } };

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * @param {import("playwright-core").Page} page
 * @param {string} screen its name, for the error
 */
export async function assertAccessible(page, screen) {
  // Evaluated through the debugger: the page's content security policy stays as strict as it is.
  await page.evaluate(axe);
  const violations = await page.evaluate(violationsOf, /** @type {const} */ ([RULES, NOT_HERE]));
  assert.deepEqual(violations, [], `${screen} must be accessible`);
}

/**
 * The same for a screen that only a desktop has.
 * @param {import("./webdriver.js").Window} window
 * @param {string} screen its name, for the error
 */
export async function assertWindowAccessible(window, screen) {
  await window.run(axe);
  const violations = await window.run(`return (${violationsOf})(arguments)`, RULES, NOT_HERE);
  assert.deepEqual(violations, [], `${screen} must be accessible`);
}

/** What the rules find in the document; it runs there, where nothing of this file is. @param {any} rules */
async function violationsOf([runOnly, rules]) {
  // What is still fading in has not its colours yet.
  await Promise.all(document.getAnimations().map(({ finished }) => finished));
  const { violations } = await /** @type {any} */ (window).axe.run(document, { runOnly, rules });
  return violations.map((/** @type {any} */ { id, help, nodes }) => ({
    rule: `${id}: ${help}`,
    at: nodes.map((/** @type {any} */ node) => `${node.html} ${node.any[0]?.message ?? ""}`),
  }));
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} screen its name, for the error
 */
export async function assertNothingCutOff(page, screen) {
  const { overflow, cut } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const visible = (/** @type {Element} */ element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest(".visually-hidden");
    const cut = [...document.querySelectorAll("body *")].filter((element) => {
      const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent).join("");
      if (!/\d\d?[:h ]\d\d/.test(own) || !visible(element)) return false;
      const { left, right } = element.getBoundingClientRect();
      const clipped = getComputedStyle(element).overflowX !== "visible" && element.scrollWidth > element.clientWidth;
      return left < 0 || right > clientWidth || clipped;
    });
    return { overflow: scrollWidth - clientWidth, cut: cut.map((element) => element.outerHTML) };
  });
  assert.ok(overflow <= 0, `${screen} must not scroll sideways (by ${overflow} px)`);
  assert.deepEqual(cut, [], `${screen} must show every time whole`);
}
