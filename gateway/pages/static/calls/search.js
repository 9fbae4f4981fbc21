/**
 * `<call-search>`: the filters of a search. Tells `search` with the filters.
 *
 * @module
 */

import { FilterForm } from "../common/filter-form.js";
import { languageName } from "../common/format.js";
import { named, t } from "../common/i18n.js";
import { FIELDS, fresh } from "./filters.js";

const LONGEST = 200;

class Search extends FilterForm {
  static fields = FIELDS;
  static fresh = fresh;
  static written = {
    from: { type: "date" },
    to: { type: "date" },
    text: { type: "search", maxlength: LONGEST },
    caller: { type: "tel", maxlength: LONGEST },
    agent: { type: "text", maxlength: LONGEST },
  };

  /** @param {{queues: any[], dispositions: any[], languages: string[]}} choices */
  offered({ queues, dispositions, languages }) {
    return {
      queue: queues.map(({ id, name }) => [id, named(name) || id]),
      disposition: dispositions.map(({ id, name }) => [id, named(name) || id]),
      language: languages.map((code) => [code, languageName(code)]),
    };
  }

  refresh() {
    super.refresh();
    this.inputs?.caller.setAttribute("placeholder", t("filter.caller.hint"));
  }
}

customElements.define("call-search", Search);
