/**
 * `<call-list>`: the calls that were found. Each leads to its replay by an address of its own; tells `open` with the call
 * and `more` when further ones are wanted.
 *
 * @module
 */

import { factsOf, follow, h, setText } from "../common/element.js";
import { clock, dateTime, languageName, list, percent } from "../common/format.js";
import { FoundList, below, fact } from "../common/found-list.js";
import { t } from "../common/i18n.js";
import { icon } from "../common/icon.js";
import { dispositionName, queueName, word } from "./notes.js";

class List extends FoundList {
  static columns = ["when", "caller", "about", "who", "queue", "outcome", "confidence", "long"];
  static numbers = ["confidence", "long"];

  /** @type {{queues: any[], dispositions: any[]}} */
  choices = { queues: [], dispositions: [] };
  /** @type {(call: string) => string} */
  address = (call) => `?call=${encodeURIComponent(call)}`;

  /** @param {{call: string}} call */
  keyOf({ call }) {
    return call;
  }

  /** @param {HTMLElement} element @param {any} call */
  fill(element, call) {
    const at = factsOf(element);
    const open = /** @type {HTMLAnchorElement} */ (at("open"));
    open.setAttribute("href", this.address(call.call));
    follow(open, () => this.tell("open", call.call));
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

  row() {
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
}

customElements.define("call-list", List);
