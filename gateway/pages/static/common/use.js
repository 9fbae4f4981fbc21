/**
 * Whether somebody uses the page, or it merely stands open: a page that says by itself that it lives keeps nobody signed
 * in who has gone away.
 *
 * @module
 */

const BY_HAND = ["pointerdown", "keydown", "wheel"];

let used = true; // whoever opened the page is there

for (const kind of BY_HAND) {
  document.addEventListener(kind, () => (used = true), { capture: true, passive: true });
}

/** Whether anybody has used the page since this was asked last. */
export function usedSince() {
  const was = used;
  used = false;
  return was;
}
