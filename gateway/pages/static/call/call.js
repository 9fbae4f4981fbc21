/**
 * The page of a caller: choose a line, press, talk. What was heard and said stands beside it.
 *
 * @module
 */

import { get } from "/static/common/api.js";
import { h } from "/static/common/element.js";
import { startLocale, t } from "/static/common/i18n.js";
import "/static/common/preferences.js";
import { Caller } from "./caller.js";
import "./dialling.js";
import "./phone.js";
import "./transcript.js";

await startLocale("call");

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const caller = new Caller();

const dialling = /** @type {import("./dialling.js").Dialling} */ (h("call-dialling"));
const phone = /** @type {import("./phone.js").Phone} */ (h("call-phone"));
const transcript = /** @type {import("./transcript.js").Transcript} */ (h("call-transcript"));
dialling.caller = phone.caller = transcript.caller = caller;

main.classList.add("call-main");
main.append(dialling, phone, transcript);

function arrange() {
  const talked = caller.stage === "talking" || caller.stage === "over";
  dialling.hidden = talked;
  phone.hidden = transcript.hidden = !talked;
  const changed = main.dataset.stage !== caller.stage;
  main.dataset.stage = caller.stage;
  // What had the focus may be hidden now: who uses the keyboard goes on from here, not from the top of the page.
  if (changed && caller.stage !== "choosing" && document.activeElement === document.body) main.focus({ preventScroll: true });
}

function name() {
  document.title = `${t("page.call")} · ${t("product")}`;
}

caller.addEventListener("change", arrange);
document.addEventListener("localechange", name);
arrange();
name();

try {
  caller.offer((await get("/v1/web-calls/lines")).lines);
} catch (error) {
  caller.fail(/** @type {Error} */ (error));
}
