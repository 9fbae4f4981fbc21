/**
 * `<call-list>`: the calls that were found. Each leads to its replay by an address of its own; tells `open` with the call
 * and `more` when further ones are wanted.
 *
 * @module
 */

import { AiccElement, h, reconcile, setText } from "../common/element.js";
import { clock, dateTime, languageName, list, percent } from "../common/format.js";
import { t } from "../common/i18n.js";
import { icon } from "../wall/icon.js";
import { dispositionName, queueName, word } from "./notes.js";

const COLUMNS = /** @type {const} */ (["when", "caller", "about", "who", "queue", "outcome", "confidence", "long"]);

class List extends AiccElement {
  /** @type {any[]} */
  calls = [];
  /** @type {string | null} */
  next = null;
  busy = true;
  /** @type {{queues: any[], dispositions: any[]}} */
  choices = { queues: [], dispositions: [] };
  /** @type {(call: string) => string} */
  address = (call) => `?call=${encodeURIComponent(call)}`;

  build() {
    this.heads = COLUMNS.map((name) =>
      h("th", { scope: "col", class: ["confidence", "long"].includes(name) ? "number" : null, "data-column": name }),
    );
    this.body = h("tbody", {});
    this.caption = h("caption", { class: "visually-hidden" });
    this.table = h("table", { class: "table" }, this.caption, h("thead", {}, h("tr", {}, this.heads)), this.body);
    this.region = h("div", { class: "card scroll", role: "region", tabindex: 0 }, this.table);
    this.none = h("p", { class: "empty card" });
    this.more = h("button", { type: "button", class: "button", onclick: () => this.tell("more") });
    return [this.region, this.none, this.more];
  }

  /** @param {{calls?: any[], next?: string | null, busy?: boolean, choices?: any}} shown */
  show(shown) {
    Object.assign(this, shown);
    this.changed();
  }

  refresh() {
    const { region, none, more, body, caption } = this;
    if (!region || !none || !more || !body || !caption) return;
    for (const head of this.heads ?? []) setText(head, t(`list.${head.dataset.column}`));
    setText(caption, t("list.found"));
    region.setAttribute("aria-label", t("list.found"));
    region.setAttribute("aria-busy", String(this.busy));
    region.hidden = this.calls.length === 0;
    none.hidden = this.calls.length > 0;
    setText(none, t(this.busy ? "state.loading" : "list.none"));
    more.hidden = this.next === null;
    setText(more, t("list.more"));
    reconcile(
      body,
      this.calls,
      ({ call }) => call,
      () => row(),
      (element, call) => this.fill(element, call),
    );
  }

  /** @param {HTMLElement} element @param {any} call */
  fill(element, call) {
    const at = (/** @type {string} */ name) =>
      /** @type {HTMLElement} */ (element.querySelector(`[data-fact=${name}]`));
    const open = /** @type {HTMLAnchorElement} */ (at("open"));
    open.setAttribute("href", this.address(call.call));
    open.onclick = (event) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.tell("open", call.call);
    };
    setText(open, dateTime(call.started_at));
    setText(at("about"), call.opening ?? t("list.silent"));
    at("about").setAttribute("lang", call.language);
    at("about").classList.toggle("muted", call.opening === null);
    setText(at("language"), languageName(call.language));
    const number = call.direction === "outbound" ? call.called : call.caller;
    setText(at("caller"), number ?? t("list.withheld"));
    setText(at("direction"), call.direction === "outbound" ? t("list.outbound") : "");
    setText(at("who"), call.agents.length ? list(call.agents) : t("speaker.bot"));
    at("mark").replaceChildren(icon(call.agents.length ? "agent" : "bot"));
    setText(at("queue"), queueName(this.choices, call.queue) || "–");
    setText(at("reason"), call.reason ? word("reason", call.reason) : "");
    setText(
      at("outcome"),
      call.ended_at ? dispositionName(this.choices, call.disposition) || word("end", call.end_reason) : t("list.live"),
    );
    at("outcome").className = call.ended_at ? "" : "badge ok";
    setText(at("confidence"), percent(call.confidence));
    at("confidence").classList.toggle("low", call.confidence !== null && call.confidence < 0.5);
    setText(at("low"), call.confidence !== null && call.confidence < 0.5 ? t("list.low") : "");
    setText(at("long"), call.seconds === null ? "–" : clock(call.seconds));
    setText(at("recorded"), call.recorded ? t("list.recorded") : "");
  }
}

/** @returns {HTMLElement} */
function row() {
  const fact = (/** @type {string} */ name, tag = "span", look = "") =>
    h(tag, { "data-fact": name, class: look || null });
  const below = (/** @type {string} */ name) => h("p", { "data-fact": name, class: "muted small" });
  return h(
    "tr",
    {},
    h("td", { class: "nowrap" }, fact("open", "a", "strong"), below("language")),
    h("td", { class: "nowrap tabular" }, fact("caller"), below("direction")),
    h("td", { class: "list-about" }, fact("about", "p", "clip-two")),
    h("td", {}, h("span", { class: "row tight list-who" }, fact("mark"), fact("who"))),
    h("td", {}, fact("queue"), below("reason")),
    h("td", {}, fact("outcome")),
    h("td", { class: "number" }, fact("confidence", "span", "tabular strong"), below("low")),
    h("td", { class: "number nowrap" }, fact("long", "span", "tabular"), below("recorded")),
  );
}

customElements.define("call-list", List);
