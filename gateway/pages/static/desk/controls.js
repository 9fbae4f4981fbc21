/**
 * `<desk-controls>`: the call in one line (who, since when, who has it) and what can be done with it.
 *
 * What cannot be undone asks twice: taking over and hanging up are two presses, the second within a few seconds.
 */
import { h, setAttribute, setText } from "../common/element.js";
import { has, named, t } from "../common/i18n.js";
import { clock, languageName } from "../common/format.js";
import { announce } from "../common/live-region.js";
import { button, DeskElement, field, show } from "./desk-element.js";
import { recordOf } from "./record.js";

const TWICE_WITHIN = 5_000;
const OWNER = { bot: "bot", agent: "ok", supervisor: "warn" };

class Controls extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["card", "control", "item", "queues", "phone", "ended"];

  build() {
    this.who = h("h1", { class: "caller" });
    this.facts = h("p", { class: "row tight small muted" });
    this.owner = h("span", { class: "badge" });
    this.recording = h("span", { class: "badge danger" });
    this.state = h("span", { class: "badge" });
    this.clock = h("span", { class: "figure since", role: "timer", "aria-live": "off" });
    this.buttons = this.#buttons();
    this.panel = this.#panel();
    this.consulting = this.#consulting();
    this.record = h("a", { class: "button", target: "_blank", rel: "noopener noreferrer", "data-t": "pop.open" });
    this.dial = button("phone.connect", { class: "button primary", onclick: () => this.work.phone.retry() });
    return h(
      "section",
      { class: "card call-head", "aria-label": "", "data-t-aria-label": "call.title" },
      h(
        "div",
        { class: "call-line" },
        h("div", { class: "call-who" }, this.who, this.facts),
        h("div", { class: "row tight" }, this.state, this.owner, this.recording),
        this.clock,
      ),
      h(
        "div",
        { class: "call-buttons", role: "toolbar", "data-t-aria-label": "call.controls" },
        this.dial,
        Object.values(this.buttons),
        this.record,
      ),
      this.consulting,
      this.panel,
    );
  }

  connected() {
    super.connected();
    this.every(1000, () => this.#tick());
  }

  refresh() {
    const { contact, item } = this.desk;
    const card = contact?.card;
    const over = contact?.ended || item?.state === "wrap_up";
    setText(/** @type {HTMLElement} */ (this.who), card ? card.caller || t("caller.withheld") : t("call.loading"));
    this.facts?.replaceChildren(...this.#facts(card).map((text) => h("span", {}, text)));
    setText(/** @type {HTMLElement} */ (this.owner), card ? this.#owner(card) : "");
    if (this.owner && card) this.owner.className = `badge ${OWNER[card.owner]}`;
    setText(/** @type {HTMLElement} */ (this.recording), t("call.recording"));
    setText(
      /** @type {HTMLElement} */ (this.state),
      over
        ? t("call.over")
        : contact?.held
          ? t("call.held")
          : t(card?.overheard ? "call.overheard" : `item.${item?.state ?? "accepted"}`),
    );
    if (this.state) this.state.className = `badge ${over || contact?.held ? "warn" : "info"}`;
    const record = recordOf(this.desk);
    setAttribute(/** @type {HTMLElement} */ (this.record), "href", record);
    show(this.record, record !== null);
    show(this.owner, Boolean(card) && !over);
    show(this.recording, Boolean(card?.recording) && !over);
    show(this.dial, ["waiting", "lost", "failed"].includes(this.work.phone.state) && !over);
    this.#pressed("mute", this.work.phone.muted || Boolean(contact?.muted));
    this.#pressed("hold", Boolean(contact?.held));
    show(this.buttons?.takeOver, Boolean(card) && !this.desk.mine);
    const row = this.buttons?.mute.parentElement;
    show(row, !over && !card?.overheard);
    if (over || card?.overheard) this.close();
    this.#asked(over ? null : card?.consulting);
    this.#tick();
  }

  mute() {
    const muted = !(this.work.phone.muted || this.desk.contact?.muted);
    this.work.phone.mute(muted); // the microphone at once; the conference hears of it as well
    announce(t(muted ? "call.muted" : "call.unmuted"));
    this.changed();
    return this.work.command(muted ? "mute" : "unmute");
  }

  hold() {
    return this.work.command(this.desk.contact?.held ? "resume" : "hold");
  }

  takeOver() {
    if (this.desk.mine) return;
    this.#twice("takeOver", "call.take_over.again", () => this.work.command("take-over"));
  }

  hangUp() {
    this.#twice("hangUp", "call.hang_up.again", () => this.work.command("hang-up"));
  }

  /** Ask for what a command needs. @param {"transfer" | "conference" | "return"} what */
  ask(what) {
    if (this.asking === what) return this.close();
    this.asking = what;
    for (const [name, part] of Object.entries(this.parts ?? {})) show(part, name === what);
    for (const name of ["transfer", "conference", "giveBack"]) {
      this.buttons?.[name].setAttribute("aria-expanded", String((name === "giveBack" ? "return" : name) === what));
    }
    this.#queues();
    this.#targets();
    this.#colleagues(this.desk.colleagues);
    if (what !== "return") this.work.colleagues().then((present) => this.#colleagues(present));
    show(this.panel, true);
    /** @type {HTMLElement | null | undefined} */ (
      this.parts?.[what].querySelector("select, input, textarea")
    )?.focus();
  }

  close() {
    if (!this.asking) return;
    const opener = this.asking === "return" ? "giveBack" : this.asking;
    this.asking = "";
    show(this.panel, false);
    this.buttons?.[opener].setAttribute("aria-expanded", "false");
    if (this.panel?.contains(document.activeElement)) this.buttons?.[opener].focus();
  }

  #buttons() {
    return {
      mute: button("call.mute", { class: "button", "aria-pressed": "false", onclick: () => this.mute() }, "call.mute"),
      hold: button("call.hold", { class: "button", "aria-pressed": "false", onclick: () => this.hold() }, "call.hold"),
      transfer: button(
        "call.transfer",
        {
          class: "button",
          "aria-expanded": "false",
          "aria-controls": "call-panel",
          onclick: () => this.ask("transfer"),
        },
        "call.transfer",
      ),
      conference: button(
        "call.conference",
        {
          class: "button",
          "aria-expanded": "false",
          "aria-controls": "call-panel",
          onclick: () => this.ask("conference"),
        },
        "call.conference",
      ),
      giveBack: button(
        "call.return",
        { class: "button", "aria-expanded": "false", "aria-controls": "call-panel", onclick: () => this.ask("return") },
        "call.return",
      ),
      takeOver: button("call.take_over", { class: "button primary", onclick: () => this.takeOver() }, "call.take_over"),
      hangUp: button("call.hang_up", { class: "button danger", onclick: () => this.hangUp() }, "call.hang_up"),
    };
  }

  #panel() {
    this.queue = /** @type {HTMLSelectElement} */ (
      h("select", { class: "input", id: "transfer-queue", name: "queue" })
    );
    this.colleague = /** @type {HTMLSelectElement} */ (
      h("select", { class: "input", id: "transfer-agent", name: "agent" })
    );
    this.target = /** @type {HTMLSelectElement} */ (
      h("select", { class: "input", id: "transfer-target", name: "target" })
    );
    this.outside = field("call.transfer.target", this.target, "grow");
    this.first = button("call.consult.go", { class: "button", onclick: () => this.#askFirst() });
    this.joining = /** @type {HTMLSelectElement} */ (
      h("select", { class: "input", id: "conference-agent", name: "agent", required: true })
    );
    this.parts = {
      transfer: this.#part(
        "call.transfer.title",
        "call.transfer.go",
        "transfer",
        field("call.transfer.queue", this.queue, "grow"),
        field("call.transfer.agent", this.colleague, "grow"),
        this.outside,
        this.first,
      ),
      conference: this.#part(
        "call.conference.title",
        "call.conference.go",
        "conference",
        field("call.conference.agent", this.joining, "grow"),
      ),
      return: this.#part(
        "call.return.title",
        "call.return.go",
        "return",
        field(
          "call.return.instruction",
          h("textarea", {
            class: "input",
            id: "return-instruction",
            name: "instruction",
            required: true,
            rows: 2,
            maxlength: 500,
          }),
          "grow",
        ),
      ),
    };
    return h(
      "div",
      {
        id: "call-panel",
        class: "inset",
        hidden: true,
        onkeydown: (event) => event.key === "Escape" && !event.isComposing && this.close(),
      },
      Object.values(this.parts),
    );
  }

  /** Who outside is asked whether they take the call, and what can be done about it. */
  #consulting() {
    this.asks = h("p", { class: "grow", role: "status" });
    this.join = button("call.consult.join", { class: "button primary", onclick: () => this.#join() });
    this.dismiss = button("call.consult.stop", { class: "button", onclick: () => this.#stop() });
    return h("div", { class: "inset row", hidden: true, "data-part": "consulting" }, this.asks, this.join, this.dismiss);
  }

  /** @param {import("./types.js").CallCard["consulting"]} consulting */
  #asked(consulting) {
    show(this.consulting, Boolean(consulting));
    if (!consulting || !this.asks) return;
    const name = this.desk.targets.find((target) => target.id === consulting.target)?.name ?? consulting.target;
    const together = consulting.state === "talking" && !this.desk.contact?.held;
    setText(this.asks, t(`call.consult.${together ? "together" : consulting.state}`, { name }));
    if (this.consulting) this.consulting.dataset.state = consulting.state;
    show(this.join, consulting.state === "talking");
  }

  #join() {
    return this.work.command("transfer", { target: this.desk.contact?.card?.consulting?.target });
  }

  async #stop() {
    await this.work.command("stop-consulting");
    this.work.readCard();
  }

  /** Call the chosen place first, while the caller is on hold. */
  async #askFirst() {
    if (!this.target?.value) return this.target?.focus();
    if ((await this.work.command("consult", { target: this.target.value })) && this.asking === "transfer") this.close();
  }

  #part(title, go, command, ...content) {
    return h(
      "form",
      { class: "ask-form", "data-t-aria-label": title, onsubmit: (event) => this.#submitted(event, command) },
      ...content,
      h(
        "div",
        { class: "row tight" },
        h("button", { type: "submit", class: "button primary", "data-t": go }),
        button("cancel", { class: "button quiet", onclick: () => this.close() }),
      ),
    );
  }

  async #submitted(event, command) {
    event.preventDefault();
    const values = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value !== ""));
    if (values.agent) delete values.queue; // an agent who is named is meant
    if (values.target) for (const inside of ["queue", "agent"]) delete values[inside]; // and so is a place outside
    if (await this.work.command(command, values)) {
      event.target.reset();
      if (this.asking === command) this.close(); // else something else was opened meanwhile
    }
  }

  #twice(name, again, run) {
    const pressed = this.buttons?.[name];
    const label = pressed?.firstElementChild;
    if (!pressed || !label) return;
    const calm = () => {
      clearTimeout(this.timers?.[name]);
      delete pressed.dataset.armed;
      setText(label, t(label.dataset.t ?? ""));
    };
    if (pressed.dataset.armed) {
      calm();
      return run();
    }
    pressed.dataset.armed = "true";
    setText(label, t(again));
    announce(t(again), { urgent: true });
    this.timers = { ...this.timers, [name]: setTimeout(calm, TWICE_WITHIN) };
  }

  /** Who has the call: this agent, or somebody by name. */
  #owner(card) {
    if (this.desk.mine) return t("owner.is.me");
    return card.agent ? t("owner.is.named", { name: this.desk.nameOf(card.agent) }) : t(`owner.is.${card.owner}`);
  }

  #pressed(name, on) {
    this.buttons?.[name].setAttribute("aria-pressed", String(on));
  }

  #queues() {
    const own = this.desk.item?.queue;
    const options = this.desk.queues
      .filter((queue) => queue.id !== own)
      .map((queue) => new Option(named(queue.name), queue.id));
    this.queue?.replaceChildren(...options);
  }

  #targets() {
    const options = this.desk.targets.map((target) => new Option(target.name, target.id));
    this.target?.replaceChildren(new Option("", ""), ...options);
    show(this.outside, options.length > 0);
    show(this.first, options.length > 0);
  }

  #colleagues(present) {
    const options = () => present.map((one) => new Option(`${one.name} · ${t(standing(one))}`, one.agent));
    for (const select of [this.colleague, this.joining]) {
      const chosen = select?.value ?? "";
      select?.replaceChildren(new Option("", ""), ...options());
      if (select && present.some((one) => one.agent === chosen)) select.value = chosen;
    }
  }

  #facts(card) {
    if (!card) return [];
    const queue = this.desk.queues.find((one) => one.id === card.queue);
    const parties = (card.parties ?? []).filter((party) => party.role !== "caller" && party.who);
    return [
      card.asserted ? t("caller.asserted", { number: card.asserted }) : "",
      card.diverted ? t("caller.diverted", { number: card.diverted.number }) : "",
      card.line?.name,
      named(queue?.name) || card.queue,
      languageName(card.language),
      card.direction && has(`direction.${card.direction}`) ? t(`direction.${card.direction}`) : "",
      parties.length > 1
        ? t("call.parties", { names: parties.map((party) => party.name || this.desk.nameOf(party.who)).join(", ") })
        : "",
    ].filter(Boolean);
  }

  #tick() {
    const started = this.desk.contact?.card?.started_at;
    if (!this.clock || this.desk.contact?.ended) return;
    setText(this.clock, started ? clock((Date.now() - Date.parse(started)) / 1000) : "");
  }
}

/** How a colleague stands, as a key of the catalogue. @param {import("./types.js").Colleague} colleague */
function standing({ presence, routing }) {
  return presence === "available" ? `routing.${routing}` : `presence.${presence}`;
}

customElements.define("desk-controls", Controls);
