/**
 * `<call-behind>`: the calls of a list are those behind a figure of the reports: which figure, and the way back. And what
 * an address says of it.
 *
 * @module
 */

import { AiccElement, h, setText } from "../common/element.js";
import { t } from "../common/i18n.js";

/** @typedef {{kpi: string, counted: string, part: string, line: string}} Behind */

const COUNTED = ["all", "yes", "no"];

/** Filters of the list that a report has as well; its days are the tenant's, and are asked for as days. */
const SHARED = /** @type {const} */ (["from", "to", "queue", "language", "agent"]);

/** The figure of an address, if it names one. @param {string} query @returns {Behind | null} */
export function behindOf(query) {
  const parameters = new URLSearchParams(query);
  const kpi = parameters.get("kpi");
  if (!kpi) return null;
  const counted = parameters.get("counted") ?? "all";
  const [part, line] = [parameters.get("part") ?? "", parameters.get("line") ?? ""];
  return { kpi, counted: COUNTED.includes(counted) ? counted : "all", part, line };
}

/** What of an address names the figure. @param {Behind | null} behind @returns {Record<string, string>} */
export function namedBehind(behind) {
  return behind === null ? {} : Object.fromEntries(Object.entries(behind).filter(([, value]) => value !== ""));
}

/**
 * Where the calls behind a figure are asked for, and how.
 *
 * @param {Behind} behind
 * @param {import("./filters.js").Filters} filters
 * @returns {{path: string, query: Record<string, string>}}
 */
export function asked({ kpi, counted, part, line }, filters) {
  const shared = SHARED.map((name) => [name, filters[name]]);
  const query = Object.fromEntries([...shared, ["counted", counted], ["part", part], ["line", line]].filter(([, value]) => value !== ""));
  return { path: `/v1/reports/${encodeURIComponent(kpi)}/calls`, query };
}

class BehindElement extends AiccElement {
  /** @type {Behind | null} */
  behind = null;
  /** @type {import("./filters.js").Filters | null} */
  filters = null;

  build() {
    this.heading = h("h2", {});
    this.which = h("p", { class: "muted small" });
    this.report = h("a", { class: "button small" });
    this.all = h("a", { class: "button quiet small", href: "/calls" });
    return h(
      "div",
      { class: "card card-body spread" },
      h("div", { class: "stack tight" }, this.heading, this.which),
      h("div", { class: "row tight" }, this.report, this.all),
    );
  }

  /** @param {Behind | null} behind @param {import("./filters.js").Filters} filters */
  show(behind, filters) {
    Object.assign(this, { behind, filters });
    this.hidden = behind === null;
    this.changed();
  }

  refresh() {
    const { behind, filters, heading, which, report, all } = this;
    if (!behind || !filters || !heading || !which || !report || !all) return;
    setText(heading, t("behind.title", { kpi: t(`kpi.${behind.kpi}`) }));
    const { from, to, queue, agent } = filters;
    const narrowed = [behind.part && t(`part.${behind.part}`), queue, behind.line, agent];
    const days = t("behind.days", { from, to });
    setText(which, [t(`behind.${behind.counted}`), days, ...narrowed].filter(Boolean).join(" · "));
    const shared = SHARED.map((name) => [name, filters[name]]).filter(([, value]) => value !== "");
    const back = new URLSearchParams([...shared, ["kpi", behind.kpi], ...(behind.part ? [["by", "part"]] : [])]);
    report.setAttribute("href", `/reports?${back}`);
    setText(report, t("behind.report"));
    setText(all, t("behind.calls"));
  }
}

customElements.define("call-behind", BehindElement);
