/**
 * `<holds-search>`, `<receipts-search>` and `<audit-search>`: what is looked for in each view. They tell `search` with the
 * filters.
 *
 * @module
 */

import { setText } from "../common/element.js";
import { FilterForm } from "../common/filter-form.js";
import { t } from "../common/i18n.js";
import { ASKED_BY, FIELDS, fresh } from "./filters.js";
import { actorName, deedName } from "./words.js";

const CONTACT = { type: "text", maxlength: 128, spellcheck: "false" };
const DAY = { type: "date" };

class HoldsSearch extends FilterForm {
  static fields = FIELDS.holds;
  static fresh = () => fresh("holds");
  static written = { contact: CONTACT };

  choices = {};

  offered() {
    return { state: /** @type {[string, string][]} */ ([["all", t("state.all")]]) };
  }

  refresh() {
    super.refresh();
    const standing = this.inputs?.state.querySelector("option[value='']");
    if (standing) setText(standing, t("state.standing"));
  }
}

class ReceiptsSearch extends FilterForm {
  static fields = FIELDS.receipts;
  static fresh = () => fresh("receipts");
  static written = { contact: CONTACT, from: DAY, to: DAY };

  choices = {};

  offered() {
    return { by: ASKED_BY.map((by) => /** @type {[string, string]} */ ([by, t(`asked_by.${by}`)])) };
  }
}

class AuditSearch extends FilterForm {
  static fields = FIELDS.audit;
  static fresh = () => fresh("audit");
  static written = { from: DAY, to: DAY };

  /** @param {{who: {id: string, name: string | null}[], what: string[]}} choices */
  offered({ who, what }) {
    return {
      who: who.map(({ id, name }) => /** @type {[string, string]} */ ([id, actorName(id, name)])),
      what: what.map((deed) => /** @type {[string, string]} */ ([deed, deedName(deed)])),
    };
  }
}

customElements.define("holds-search", HoldsSearch);
customElements.define("receipts-search", ReceiptsSearch);
customElements.define("audit-search", AuditSearch);
