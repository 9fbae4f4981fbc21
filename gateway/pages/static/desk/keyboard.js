/**
 * The desk by keyboard: which keys do what, and when. Every key is an agent's to change; all have a modifier, so that
 * none is struck while writing.
 */
import { Shortcuts } from "../common/keys.js";

/** @typedef {import("./board.js").Board} Board */

export class Keys {
  /** @param {() => Board} board */
  constructor(board) {
    this.shortcuts = new Shortcuts(shortcuts(board));
    /** @type {Set<ParentNode>} */
    this.written = new Set();
  }

  /** @param {AbortSignal} signal */
  listen(signal) {
    this.shortcuts.listen(signal);
  }

  /** Write the keys on what they are for, below `root`. @param {ParentNode} root */
  write(root) {
    for (const hint of root.querySelectorAll("[data-keys]")) {
      hint.textContent = legible(this.shortcuts.keysOf(/** @type {HTMLElement} */ (hint).dataset.keys ?? ""));
    }
    for (const control of root.querySelectorAll("[data-shortcut]")) {
      const keys = this.shortcuts.keysOf(/** @type {HTMLElement} */ (control).dataset.shortcut ?? "");
      if (keys) control.setAttribute("aria-keyshortcuts", legible(keys));
    }
  }
}

/** Keys as they stand on a keyboard. @param {string} keys */
export function legible(keys) {
  return keys.replace("Slash", "/");
}

/** @param {() => Board} board @returns {import("../common/keys.js").Shortcut[]} */
function shortcuts(board) {
  const inCall = () => board().inCall;
  const advised = () => inCall() && board().assist.card !== null;
  const known = [
    ["offer.accept", "Alt+A", () => board().offer.accept(), () => board().ringing],
    ["offer.reject", "Alt+X", () => board().offer.reject(), () => board().ringing],
    ["call.mute", "Alt+M", () => board().controls.mute(), inCall],
    ["call.hold", "Alt+H", () => board().controls.hold(), inCall],
    ["call.transfer", "Alt+T", () => board().controls.ask("transfer"), inCall],
    ["call.conference", "Alt+C", () => board().controls.ask("conference"), inCall],
    ["call.return", "Alt+B", () => board().controls.ask("return"), inCall],
    ["call.take_over", "Alt+O", () => board().controls.takeOver(), inCall],
    ["call.hang_up", "Alt+Q", () => board().controls.hangUp(), inCall],
    ["card.use", "Alt+U", () => board().assist.use(), advised],
    ["card.edit", "Alt+E", () => board().assist.edit(), advised],
    ["card.dismiss", "Alt+N", () => board().assist.dismiss(), advised],
    ["action.focus", "Alt+P", () => board().actions.go(), inCall],
    ["action.confirm", "Alt+Y", () => board().actions.confirm(), inCall],
    ["search.focus", "Alt+K", () => board().search.look("")],
    ["transcript.focus", "Alt+L", () => board().focusTranscript(), () => board().atHand],
    ["transcript.newest", "Alt+J", () => board().transcript.follow(), () => board().atHand],
    ["wrap_up.finish", "Alt+Enter", () => board().wrapUp.finish(), () => board().wrappingUp],
    ["presence.focus", "Alt+S", () => board().focusPresence()],
    ["keys.show", "Alt+Slash", () => board().settings.open()],
  ];
  return known.map(([id, keys, run, when]) => /** @type {any} */ ({ id, keys, run, when, label: `keys.${id}` }));
}
