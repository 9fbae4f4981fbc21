/**
 * `<report-search>`: which contacts a report is about. Tells `search` with the filters.
 *
 * @module
 */

import { FilterForm } from "../common/filter-form.js";
import { languageName } from "../common/format.js";
import { named } from "../common/i18n.js";
import { FIELDS, fresh } from "./filters.js";

class Search extends FilterForm {
  static fields = FIELDS;
  static fresh = fresh;
  static written = { from: { type: "date", required: true }, to: { type: "date", required: true } };

  /** @param {import("./values.js").Choices} choices */
  offered({ queues, lines, agents, languages }) {
    return {
      queue: queues.map(({ id, name }) => [id, named(name) || id]),
      line: lines.map(({ id, name }) => [id, name]),
      agent: agents.map(({ id, name }) => [id, name]),
      language: languages.map((code) => [code, languageName(code)]),
    };
  }
}

customElements.define("report-search", Search);
