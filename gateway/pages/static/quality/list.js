/**
 * `<quality-list>`: contacts as rubrics judged them, the latest first. Each leads to what shows it by an address of its
 * own; tells `open` with the call and `more` when further ones are wanted.
 *
 * @module
 */

import { factsOf, follow, h, setText } from "../common/element.js";
import { dateTime, languageName, list, number } from "../common/format.js";
import { FoundList, below, fact } from "../common/found-list.js";
import { named, t } from "../common/i18n.js";

/**
 * @typedef {{id: string, name: Record<string, string>}} Criterion
 * @typedef {{call: string, began: string, language: string, channel: string, rubric: string,
 *   name: Record<string, string>, version: string, score: number | null, passed: boolean | null, agents: string[],
 *   missed: Criterion[], open: number, decided: number}} Judgement
 */

class List extends FoundList {
  static area = "judged";
  static columns = ["when", "rubric", "who", "score", "missed", "said"];
  static numbers = ["score"];

  /** @type {{id: string, name: string}[]} */
  agents = [];
  /** @type {(call: string) => string} */
  address = (call) => `?call=${encodeURIComponent(call)}`;

  /** @param {Judgement} judgement */
  keyOf({ call, rubric }) {
    return `${rubric} ${call}`;
  }

  /** @param {HTMLElement} element @param {Judgement} one */
  fill(element, one) {
    const at = factsOf(element);
    const open = /** @type {HTMLAnchorElement} */ (at("open"));
    open.setAttribute("href", this.address(one.call));
    follow(open, () => this.tell("open", one.call));
    setText(open, dateTime(one.began));
    setText(at("language"), languageName(one.language));
    setText(at("rubric"), named(one.name) || one.rubric);
    setText(at("version"), one.version);
    const names = one.agents.map((agent) => this.agents.find(({ id }) => id === agent)?.name ?? agent);
    setText(at("who"), names.length ? list(names) : t("speaker.bot"));
    setText(at("score"), one.score === null ? "–" : number(one.score, { maximumFractionDigits: 1 }));
    const outcome = one.passed === null ? "nothing" : one.passed ? "passed" : "failed";
    setText(at("outcome"), t(`quality.${outcome}`));
    at("outcome").className = `badge ${{ nothing: "", passed: "ok", failed: "danger" }[outcome]}`;
    setText(at("missed"), one.missed.length ? list(one.missed.map(({ id, name }) => named(name) || id)) : "–");
    setText(at("said"), one.open ? t("judged.open", { count: one.open }) : one.decided ? t("judged.decided") : "–");
    at("said").className = one.open ? "badge warn" : "muted";
  }

  row() {
    return h(
      "tr",
      {},
      h("td", { class: "nowrap" }, fact("open", "a", "strong"), below("language")),
      h("td", {}, fact("rubric"), below("version")),
      h("td", {}, fact("who")),
      h("td", { class: "number nowrap" }, fact("score", "p", "strong tabular"), fact("outcome")),
      h("td", {}, fact("missed")),
      h("td", { class: "nowrap" }, fact("said")),
    );
  }
}

customElements.define("quality-list", List);
