/**
 * What codes of the server are called. A code that the catalogue does not know is shown as it is.
 *
 * @module
 */

import { has, t } from "../common/i18n.js";

/** Who did something: a person's name, or what acts by itself. @param {string} id @param {string | null} [name] */
export function actorName(id, name = null) {
  return name ?? word("actor", id);
}

/** What was done. @param {string} deed */
export function deedName(deed) {
  return word("deed", deed);
}

/** @param {string} area @param {string} code */
export function word(area, code) {
  return has(`${area}.${code}`) ? t(`${area}.${code}`) : code;
}
