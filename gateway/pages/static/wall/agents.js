/**
 * `<wall-agents>`: who is there, what each is doing and since when. Who is offline is counted, and shown when asked for.
 *
 * @module
 */

import { factsOf, h, reconcile, setText } from "../common/element.js";
import { list } from "../common/format.js";
import { has, t } from "../common/i18n.js";
import { BoardElement } from "./board.js";
import "./since.js";
import { agentsInOrder, stateOf } from "./state.js";

const LOOKS = {
  not_responding: "danger",
  ringing: "warn",
  talking: "info",
  wrap_up: "bot",
  available: "ok",
  away: "",
  offline: "",
};

class Agents extends BoardElement {
  offline = false;

  build() {
    this.list = h("ul", { class: "agents", role: "list" });
    this.none = h("p", { class: "empty" });
    this.more = h("button", { type: "button", class: "button quiet small", onclick: () => this.turn() });
    return [this.list, this.none, this.more];
  }

  turn() {
    this.offline = !this.offline;
    this.changed();
  }

  refresh() {
    if (!this.list || !this.none || !this.more) return;
    const all = agentsInOrder(this.board.wall);
    const here = all.filter((agent) => stateOf(agent) !== "offline");
    const away = all.length - here.length;
    reconcile(
      this.list,
      this.offline ? all : here,
      ({ agent }) => agent,
      made,
      (element, agent) => this.show(element, agent),
    );
    this.none.hidden = here.length > 0 || (this.offline && away > 0);
    setText(this.none, t("agents.none"));
    this.more.hidden = away === 0;
    this.more.setAttribute("aria-pressed", String(this.offline));
    setText(this.more, t(this.offline ? "agents.offline.hide" : "agents.offline.show", { count: away }));
  }

  /** @param {HTMLElement} element @param {import("./state.js").Agent} agent */
  show(element, agent) {
    const state = stateOf(agent);
    const at = factsOf(element);
    element.dataset.state = state;
    setText(at("name"), agent.name ?? agent.agent);
    at("state").className = `badge ${LOOKS[state]}`;
    setText(at("state"), state === "away" && agent.reason ? reason(agent.reason) : t(`agent.${state}`));
    at("since").setAttribute("at", agent.since);
    const call = [...this.board.wall.calls.values()].find((one) => one.agent === agent.agent);
    const doing = call && state === "talking" ? call.line : "";
    const queues = agent.queues?.length
      ? list(agent.queues.map((id) => this.board.queueName(id)))
      : t("agents.all_queues");
    const next = agent.next_presence
      ? t("agent.next", {
          presence: agent.next_reason ? reason(agent.next_reason) : t(`presence.${agent.next_presence}`),
        })
      : "";
    setText(at("more"), [doing || queues, next].filter(Boolean).join(" · "));
  }
}

/** Why somebody is away, in the language of the page where it is a usual reason. @param {string} given */
function reason(given) {
  return has(`reason.${given}`) ? t(`reason.${given}`) : given;
}

/** @returns {HTMLElement} */
function made() {
  return h(
    "li",
    { class: "agent" },
    h("p", { class: "agent-name clip", "data-fact": "name" }),
    h(
      "p",
      { class: "agent-state" },
      h("span", { "data-fact": "state" }),
      h("aicc-since", { class: "tabular strong", "data-fact": "since" }),
    ),
    h("p", { class: "muted small agent-more", "data-fact": "more" }),
  );
}

customElements.define("wall-agents", Agents);
