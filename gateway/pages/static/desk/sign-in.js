/**
 * `<desk-sign-in>`: who are you? By password, or by the enterprise's own directory where it is connected. Tells
 * `signedin`.
 *
 * Refuses: to keep a password anywhere; the tenant and the login are remembered by the browser's own means alone.
 */
import { AiccElement, h, setText } from "../common/element.js";
import { ApiError, get, post } from "../common/api.js";
import { has, t, translate } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { field } from "./desk-element.js";

const TENANT = "aicc.tenant";

class SignIn extends AiccElement {
  /** Whether somebody who was signed in already has to do so again. */
  again = false;

  build() {
    this.tenant = input("tenant", { autocomplete: "organization", required: true, value: remembered() });
    this.login = input("login", { autocomplete: "username", required: true });
    this.password = input("password", { type: "password", autocomplete: "current-password", required: true });
    this.error = h("p", { class: "notice danger", id: "sign-in-error", hidden: true });
    this.lead = h("p", { class: "muted" });
    this.go = h("button", { type: "submit", class: "button primary big", "data-t": "sign_in.go" });
    this.directory = h("a", { class: "button big", "data-t": "sign_in.oidc", hidden: true });
    this.form = h(
      "form",
      { class: "stack", "aria-describedby": "sign-in-error", onsubmit: (event) => this.#submitted(event) },
      field("sign_in.tenant", this.tenant),
      (this.fields = h(
        "div",
        { class: "stack" },
        field("sign_in.login", this.login),
        field("sign_in.password", this.password),
      )),
      this.error,
      this.go,
      this.directory,
    );
    return h(
      "div",
      { class: "card sign-in" },
      h(
        "div",
        { class: "brand" },
        h("img", { src: "/static/common/mark.svg", alt: "" }),
        h("span", { "data-t": "product" }),
        h("small", { "data-t": `page.${document.body.dataset.page}` }),
      ),
      h("div", { class: "stack tight" }, h("h1", { "data-t": "sign_in.title" }), this.lead),
      this.form,
    );
  }

  connected() {
    translate(this);
    this.listen(/** @type {HTMLElement} */ (this.tenant), "change", () => void this.#methods());
    void this.#methods();
    (this.tenant?.value ? this.login : this.tenant)?.focus();
    this.#came();
  }

  refresh() {
    setText(/** @type {HTMLElement} */ (this.lead), t(this.again ? "sign_in.again" : "sign_in.lead"));
  }

  /** Whoever was sent back by the directory learns why. */
  #came() {
    const address = new URL(location.href);
    const code = address.searchParams.get("sign_in_error");
    if (!code) return;
    address.searchParams.delete("sign_in_error");
    history.replaceState(null, "", address);
    this.#refused({ code, message: code });
  }

  /** How one can sign in with this tenant. */
  async #methods() {
    const tenant = this.tenant?.value.trim() ?? "";
    try {
      const { tenant: meant, methods } = await get("/v1/sign-in/methods", { query: { tenant } });
      if (!this.tenant || tenant !== this.tenant.value.trim()) return;
      if (!tenant && meant) this.#only(meant);
      this.#offer(methods.includes("password"), methods.includes("oidc"), tenant || meant);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#offer(true, false, tenant); // the password is looked at by the gateway anyway
    }
  }

  /** There is one tenant only: nobody has to name it. */
  #only(tenant) {
    if (!this.tenant) return;
    this.tenant.value = tenant;
    if (document.activeElement === this.tenant) this.login?.focus();
  }

  #offer(password, oidc, tenant) {
    const { login, password: secret, fields, go, directory } = this;
    for (const one of [login, secret]) one?.toggleAttribute("required", password);
    if (fields) fields.hidden = !password;
    if (go) go.hidden = !password;
    if (!directory) return;
    directory.hidden = !oidc;
    directory.classList.toggle("primary", !password);
    directory.setAttribute("href", `/v1/sign-in/oidc?${new URLSearchParams({ tenant, next: location.pathname })}`);
  }

  async #submitted(event) {
    event.preventDefault();
    if (!this.tenant || !this.login || !this.password || this.busy) return;
    this.busy = true;
    this.go?.setAttribute("aria-busy", "true");
    const tenant = this.tenant.value.trim();
    try {
      await post("/v1/sign-in", { tenant, login: this.login.value.trim(), password: this.password.value });
      remember(tenant);
      this.password.value = "";
      this.tell("signedin");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#refused(error);
    } finally {
      this.busy = false;
      this.go?.removeAttribute("aria-busy");
    }
  }

  #refused(error) {
    const key = [`sign_in.${error.code}`, `error.${error.code}`].find((one) => has(one)) ?? "refused.other";
    const text = t(key, { message: error.message });
    if (this.error) {
      setText(this.error, text);
      this.error.hidden = false;
    }
    announce(text, { urgent: true });
    this.password?.focus();
    this.password?.select();
  }
}

function input(name, attributes) {
  return /** @type {HTMLInputElement} */ (
    h("input", {
      class: "input",
      id: `sign-in-${name}`,
      name,
      type: "text",
      autocapitalize: "none",
      spellcheck: "false",
      ...attributes,
    })
  );
}

/** @returns {string} the tenant in the address, or the one that was right before */
function remembered() {
  const asked = new URLSearchParams(location.search).get("tenant");
  try {
    return asked ?? localStorage.getItem(TENANT) ?? "";
  } catch {
    return asked ?? "";
  }
}

function remember(tenant) {
  try {
    localStorage.setItem(TENANT, tenant);
  } catch {
    // it is asked for again the next time
  }
}

customElements.define("desk-sign-in", SignIn);
