/**
 * `<quality-search>`: which judgements are looked for. Tells `search` with the filters.
 *
 * @module
 */

import { FilterForm } from "../common/filter-form.js";
import { named, t } from "../common/i18n.js";
import { FIELDS, STANDINGS, fresh } from "./filters.js";

class Search extends FilterForm {
  static fields = FIELDS;
  static fresh = fresh;
  static written = { from: { type: "date", required: true }, to: { type: "date", required: true } };

  /** Whether there are others' contacts to choose from. */
  every = false;

  /** @param {{rubrics: any[], agents: any[]}} choices */
  offered({ rubrics, agents }) {
    return {
      rubric: rubrics.map(({ id, name }) => [id, named(name) || id]),
      agent: agents.map(({ id, name }) => [id, name]),
      standing: STANDINGS.map((standing) => [standing, t(`standing.${standing}`)]),
    };
  }

  refresh() {
    super.refresh();
    /** @type {HTMLElement} */ (this.querySelector("[data-field=agent]")).hidden = !this.every;
  }
}

customElements.define("quality-search", Search);
