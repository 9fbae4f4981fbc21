/**
 * Telling people who listen to the page what has happened, without taking the focus.
 *
 * What is to be said waits in a line and is said one at a time, for a screen reader drops what follows too quickly. Five
 * may wait; then the oldest that is not urgent is dropped: it can still be read on the page.
 *
 * @module
 */

const MOST_WAITING = 5;
const APART = 600;

/** @type {{text: string, urgent: boolean}[]} */
const waiting = [];
/** @type {Record<"polite" | "assertive", HTMLElement> | null} */
let regions = null;
let busy = false;

/**
 * Say something.
 *
 * @param {string} text
 * @param {{urgent?: boolean}} [options] `urgent`: before all others, and over what is being read
 */
export function announce(text, { urgent = false } = {}) {
  if (text === "") return;
  if (urgent) waiting.unshift({ text, urgent });
  else waiting.push({ text, urgent });
  if (waiting.length > MOST_WAITING) {
    const oldest = waiting.findIndex((entry) => !entry.urgent);
    waiting.splice(oldest === -1 ? MOST_WAITING : oldest, 1);
  }
  if (!busy) next();
}

function next() {
  const entry = waiting.shift();
  busy = entry !== undefined;
  if (entry === undefined) return;
  regions ??= { polite: region("polite"), assertive: region("assertive") };
  const { polite, assertive } = regions;
  polite.textContent = assertive.textContent = "";
  // Emptied and filled in one go the same text would not be said twice.
  setTimeout(() => ((entry.urgent ? assertive : polite).textContent = entry.text), 50);
  setTimeout(next, APART);
}

/** @param {"polite" | "assertive"} politeness */
function region(politeness) {
  const made = document.createElement("div");
  made.className = "visually-hidden";
  made.setAttribute("aria-live", politeness);
  made.setAttribute("role", politeness === "polite" ? "status" : "alert");
  document.body.append(made);
  return made;
}
