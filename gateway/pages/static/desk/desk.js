/**
 * The desk's page: lets somebody sign in, puts the desk together, and tells those around (the ring, the page that
 * embeds this one) what happens.
 */
import { ApiError, get, post } from "../common/api.js";
import { h } from "../common/element.js";
import { locale, startLocale } from "../common/i18n.js";
import "./board.js";
import "./sign-in.js";
import { place } from "./desk-element.js";
import { Embedding } from "./embed.js";
import { Keys } from "./keyboard.js";
import { Latency } from "./latency.js";
import { Phone } from "./phone.js";
import { preferences } from "./preferences.js";
import { Ring } from "./ring.js";
import { Desk } from "./store.js";
import { Work } from "./work.js";

const page = /** @type {HTMLElement} */ (document.getElementById("page"));

await startLocale("desk");
await begin();

/** The desk of whoever is signed in, or the question who that is. */
async function begin() {
  try {
    const person = await get("/v1/me");
    sitDown(person);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    askWho(() => void begin());
  }
}

/** @param {() => void} then */
function askWho(then) {
  document.title = "AICC";
  const asked = document.createElement("desk-sign-in");
  asked.addEventListener("signedin", then, { once: true });
  page.replaceChildren(
    h(
      "main",
      { id: "main", class: "page-main welcome", tabindex: "-1" },
      h("div", { class: "corner" }, h("aicc-preferences")),
      asked,
    ),
  );
}

/** @param {{name: string, user: string, tenant: string}} person */
function sitDown(person) {
  const desk = new Desk();
  const latency = new Latency((stage, ms) => post("/v1/desk/latency", { stage, ms }));
  const embedding = new Embedding(window.parent === window ? null : window.parent);
  const phone = new Phone({
    ticket: (call) =>
      post("/v1/tickets", { purpose: "softphone", subject: call }).then(
        (bought) => bought.ticket,
        (error) => work.refuse(error),
      ),
    failed: (code, offer) => work.deviceFailed(code, offer),
    changed: () => desk.tell(["phone"]),
  });
  const work = new Work(desk, { phone, latency, embedding });
  const board = /** @type {import("./board.js").Board} */ (place("desk-board", work));
  work.keys = new Keys(() => board);
  board.person = person;
  board.addEventListener("leave", () => void leave(work));
  page.replaceChildren(board);
  ringWith(desk, board);
  window.addEventListener("message", (event) => embedding.heard(event));
  document.addEventListener(
    "localechange",
    () => void post("/v1/me/locale", { locale: locale() }, { method: "PUT" }).catch(() => undefined),
  );
  document.addEventListener("signedout", () => askAgain(work, person));
  work.start();
}

/** @param {Desk} desk @param {HTMLElement} board */
function ringWith(desk, board) {
  const ring = new Ring();
  ring.mute(!preferences().ring);
  for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, () => ring.unlock(), { once: true });
  board.addEventListener("ringpreference", (event) => ring.mute(!(/** @type {CustomEvent} */ (event).detail)));
  desk.listen(["offer"], () => (desk.offer ? ring.start() : ring.stop()));
}

/** The session is over, the work is not: whoever signs in again goes on where they were. */
function askAgain(work, person) {
  if (document.querySelector("dialog.again")) return;
  const asked = Object.assign(document.createElement("desk-sign-in"), { again: true });
  const dialog = /** @type {HTMLDialogElement} */ (
    h("dialog", { class: "again", oncancel: (event) => event.preventDefault() }, asked)
  );
  asked.addEventListener("signedin", async () => {
    const now = await get("/v1/me");
    if (now.user !== person.user || now.tenant !== person.tenant) return location.reload();
    dialog.remove();
    work.again();
  });
  page.append(dialog);
  dialog.showModal();
}

/** @param {Work} work */
async function leave(work) {
  work.stop();
  await post("/v1/desk/sign-off").catch(() => undefined);
  await post("/v1/sign-out").catch(() => undefined);
  location.reload();
}
