/**
 * The arguments of a business action as a form: one field for each property of its JSON schema, filled with what is
 * known.
 *
 * Refuses: to decide what is valid. The gateway does, when the action is proposed; here only what is required is
 * asked for.
 */
import { h } from "../common/element.js";
import { named, t } from "../common/i18n.js";
import { slotName } from "./hand-over.js";

/**
 * The fields in the schema's order.
 * @param {any} schema  of an object @param {Record<string, unknown>} values  what is known
 */
export function fields(schema, values) {
  const required = new Set(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {}).map(([name, property]) =>
    field(name, /** @type {any} */ (property), values[name], required.has(name)),
  );
}

/**
 * What stands in the form, typed as the schema says; what is empty is left out.
 * @param {HTMLFormElement} form @param {any} schema @returns {Record<string, unknown>}
 */
export function written(form, schema) {
  /** @type {Record<string, unknown>} */
  const values = {};
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    const input = /** @type {HTMLInputElement | HTMLSelectElement} */ (form.elements.namedItem(`argument.${name}`));
    const type = /** @type {any} */ (property).type;
    if (type === "boolean") values[name] = /** @type {HTMLInputElement} */ (input).checked;
    else if (input.value.trim() !== "") values[name] = numeric(type) ? Number(input.value) : input.value.trim();
  }
  return values;
}

function field(name, property, value, required) {
  const id = `argument.${name}`;
  const label = named(property.title) || slotName(name);
  const input = property.enum ? choice(id, property, value, required) : entry(id, property, value, required);
  const missing = required && (value === undefined || value === null || value === "");
  return h(
    "div",
    { class: property.type === "boolean" ? "field check" : "field", "data-missing": missing },
    h("label", { for: id }, label, required ? null : h("span", { class: "muted" }, ` ${t("actions.optional")}`)),
    input,
    missing ? h("p", { class: "small missing", id: `${id}.missing` }, t("actions.missing")) : null,
  );
}

function choice(id, property, value, required) {
  const select = /** @type {HTMLSelectElement} */ (h("select", { class: "input", id, name: id, required }));
  if (!required || value === undefined) select.add(new Option("", ""));
  for (const one of property.enum)
    select.add(new Option(String(one), String(one), false, String(one) === String(value)));
  return select;
}

function entry(id, property, value, required) {
  if (property.type === "boolean") {
    return h("input", { type: "checkbox", id, name: id, checked: value === true });
  }
  const type = property.writeOnly
    ? "password"
    : numeric(property.type)
      ? "number"
      : property.format === "date"
        ? "date"
        : "text";
  return h("input", {
    class: "input",
    type,
    id,
    name: id,
    required,
    value: value ?? "",
    autocomplete: "off",
    step: property.type === "number" ? "any" : undefined,
    min: property.minimum,
    max: property.maximum,
    maxlength: property.maxLength,
  });
}

function numeric(type) {
  return type === "number" || type === "integer";
}
