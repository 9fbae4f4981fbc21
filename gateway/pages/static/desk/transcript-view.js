/**
 * `<desk-transcript>`: what both sides say. Finals stand in a log that is read aloud; what somebody is in the middle
 * of saying is one line that changes, outside of it. It follows the newest line until the reader scrolls away.
 *
 * Refuses: to keep a long call in the document. A window of its lines stands there (`list-window.js`); the rest is
 * data.
 */
import { h, reconcile, setText } from "../common/element.js";
import { has, t } from "../common/i18n.js";
import { languageName, time } from "../common/format.js";
import { button, DeskElement, show } from "./desk-element.js";
import { ListWindow } from "./list-window.js";

const NEAR = 48; // px from an edge that count as being there
const MANY = 8; // new lines at once that are not read aloud: the beginning of a call that was joined late

class TranscriptView extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["transcript", "partial", "card", "item"];

  build() {
    this.window = new ListWindow();
    this.log = h("div", {
      class: "transcript",
      role: "log",
      "aria-live": "polite",
      "data-t-aria-label": "transcript.title",
    });
    this.partials = h("div", { class: "transcript partials" });
    this.earlier = h("button", { type: "button", class: "button quiet small earlier", onclick: () => this.#back() });
    this.scroller = h(
      "div",
      {
        class: "scroll said-scroll",
        tabindex: "0",
        role: "region",
        "data-t-aria-label": "transcript.region",
        id: "transcript",
      },
      this.earlier,
      this.log,
      this.partials,
    );
    this.newest = button(
      "transcript.newest",
      { class: "button primary small newest", onclick: () => this.follow() },
      "transcript.newest",
    );
    this.empty = h("p", { class: "empty", "data-t": "transcript.empty" });
    this.unseen = h("span", { class: "badge plain" });
    this.newest.prepend(this.unseen);
    return h(
      "section",
      { class: "card said", "aria-labelledby": "transcript-title" },
      h("div", { class: "card-head" }, h("h2", { id: "transcript-title", "data-t": "transcript.title" })),
      this.empty,
      this.scroller,
      this.newest,
    );
  }

  connected() {
    super.connected();
    this.top = 0;
    this.listen(/** @type {HTMLElement} */ (this.scroller), "scroll", () => this.#scrolled());
    const observer = new ResizeObserver(() => this.window?.following && this.#toEnd());
    observer.observe(/** @type {HTMLElement} */ (this.scroller));
    this.leaving.addEventListener("abort", () => observer.disconnect());
  }

  /** Drawn once for a frame: a call that is replayed brings thousands of lines in one go. */
  changed() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (this.isConnected) this.refresh();
    });
  }

  refresh() {
    const contact = this.desk.contact;
    if (!contact || !this.window) return;
    if (this.call !== contact.call) {
      this.call = contact.call;
      this.window = new ListWindow();
      this.drawn = 0;
    }
    this.window.grow(contact.transcript.lines.length);
    this.#draw();
    this.#drawPartials();
    if (this.window.following) this.#toEnd();
  }

  /** Back to the newest line, and on with it. */
  follow() {
    this.window?.newest();
    this.#draw();
    this.#toEnd();
  }

  #draw() {
    const { log, window: shown } = this;
    const transcript = this.desk.contact?.transcript;
    if (!log || !shown || !transcript) return;
    const count = transcript.lines.length;
    const quiet = !shown.following || count - (this.drawn ?? 0) > MANY;
    log.setAttribute("aria-live", quiet ? "off" : "polite");
    this.drawn = count;
    const named = (/** @type {string} */ who) => (who ? this.desk.nameOf(who) : "");
    reconcile(
      log,
      transcript.lines.slice(shown.from, shown.to),
      (line) => line.key,
      row,
      (element, line) => fill(element, line, named),
    );
    setText(/** @type {HTMLElement} */ (this.earlier), t("transcript.earlier", { count: shown.from }));
    show(this.earlier, shown.from > 0);
    setText(/** @type {HTMLElement} */ (this.unseen), shown.unseen);
    show(this.unseen, shown.unseen > 0);
    show(this.newest, !shown.following);
    show(this.empty, count === 0 && transcript.partials.size === 0);
    show(this.scroller, count > 0 || transcript.partials.size > 0);
  }

  #drawPartials() {
    const partials = this.desk.contact?.transcript.partials ?? new Map();
    reconcile(
      /** @type {HTMLElement} */ (this.partials),
      partials.values(),
      (partial) => partial.speaker,
      (partial) =>
        h(
          "div",
          { class: "utterance partial", "data-speaker": partial.speaker },
          h("div", { class: "who" }),
          h("p", { class: "said" }),
        ),
      (element, partial) => {
        const key = partial.speaker === "bot" ? "transcript.speaking" : "transcript.hearing";
        setText(element.children[0], `${t(`speaker.${partial.speaker}`)} · ${t(key)}`);
        setText(element.children[1], partial.text);
        element.children[1].setAttribute("lang", partial.language);
      },
    );
  }

  #earlier() {
    const first = this.log?.firstElementChild;
    const before = first?.getBoundingClientRect().top ?? 0;
    if (!this.window?.earlier()) return;
    this.#draw();
    this.#keep(first, before);
  }

  /** Who asks for what was before gets to see it: its last lines, above the one that was the first. */
  #back() {
    const first = this.log?.firstElementChild;
    if (!this.scroller || !first) return;
    this.#earlier();
    const box = this.scroller.getBoundingClientRect();
    this.scroller.scrollTop -= box.bottom - first.getBoundingClientRect().bottom;
    this.top = this.scroller.scrollTop;
    if (this.window?.from === 0) this.scroller.focus({ preventScroll: true }); // the button is gone
  }

  #later() {
    const last = this.log?.lastElementChild;
    const before = last?.getBoundingClientRect().top ?? 0;
    if (!this.window?.later()) return;
    this.#draw();
    this.#keep(last, before);
  }

  /** Leave what the reader looks at where it was. */
  #keep(element, before) {
    if (!element?.isConnected || !this.scroller) return;
    this.scroller.scrollTop += element.getBoundingClientRect().top - before;
    this.top = this.scroller.scrollTop;
  }

  #scrolled() {
    const { scroller, window: shown } = this;
    if (!scroller || !shown) return;
    const up = scroller.scrollTop < (this.top ?? 0) - 1;
    this.top = scroller.scrollTop;
    const left = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
    if (up && left > NEAR && shown.following) {
      shown.pause();
      this.#draw();
    }
    if (up && scroller.scrollTop < NEAR * 4) this.#earlier();
    if (!up && left < NEAR * 4) this.#later();
    if (!shown.following && left < NEAR && shown.to === shown.count) this.follow();
  }

  #toEnd() {
    if (!this.scroller) return;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.top = this.scroller.scrollTop;
  }
}

/** @param {import("./types.js").Line} line */
function row(line) {
  if (line.speaker === "system") return h("div", { class: "happened" }, h("span", {}), h("time", {}));
  return h(
    "div",
    { class: "utterance", "data-speaker": line.speaker },
    h("div", { class: "who" }, h("span", {}), h("time", {}), h("span", { class: "note" })),
    h("p", { class: "said" }),
  );
}

/** @param {any} element @param {import("./types.js").Line} line @param {(who: string) => string} named */
function fill(element, line, named) {
  const as = `${line.version} ${document.documentElement.lang}`;
  if (element.filledAs === as) return;
  element.filledAs = as;
  const at = element.querySelector("time");
  setText(at, line.at ? time(line.at) : "");
  if (line.at) at.setAttribute("datetime", line.at);
  if (line.speaker === "system") return setText(element.children[0], happened(line, named));
  const [who, said] = element.children;
  setText(who.children[0], named(line.who) || t(`speaker.${line.speaker}`));
  setText(who.children[2], line.note ? t(`note.${line.note}`) : "");
  setText(said, line.text);
  if (line.language) said.setAttribute("lang", line.language);
}

/** A line of the system in words. @param {import("./types.js").Line} line @param {(who: string) => string} named */
function happened({ note, detail }, named) {
  const places = Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, String(value ?? "")]));
  if (has(`owner.${places.owner}`)) places.owner = named(places.agent ?? "") || t(`owner.${places.owner}`);
  if (has(`role.${places.role}`)) places.role = t(`role.${places.role}`);
  if (note === "language.changed" && places.after) places.after = languageName(places.after);
  places.name ||= named(places.agent || places.who || "") || places.action || "";
  return t(`event.${note}`, places);
}

customElements.define("desk-transcript", TranscriptView);
