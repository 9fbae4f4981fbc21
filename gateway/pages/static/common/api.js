/**
 * Requests to our own server: JSON both ways, errors with a stable code.
 *
 * One policy of retrying for all: what only reads is asked once more after a moment when the network or the server
 * failed; what changes something is never sent twice by itself, for nobody knows whether the first one arrived.
 *
 * @module
 */

const ANSWER_WITHIN = 10_000;
const RETRY_AFTER = 400;
const PASSING = new Set([502, 503, 504]);

/** A request that was refused or got no answer. */
export class ApiError extends Error {
  /**
   * @param {string} code stable: for `switch` and for texts (`error.<code>`); `network` and `timeout` are our own
   * @param {string} message the server's words
   * @param {number} status of HTTP; 0 when there was no answer
   * @param {unknown} [body] the whole answer
   */
  constructor(code, message, status, body) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.body = body;
  }
}

/**
 * Ask for something.
 *
 * @param {string} path such as `/v1/me`
 * @param {{query?: Record<string, string | number | boolean | null | undefined>, signal?: AbortSignal, patience?: number}}
 *   [options] `patience`: milliseconds for the answer, where it takes longer than others
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export async function get(path, { query = {}, signal, patience } = {}) {
  const asked = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const address = asked.length
    ? `${path}?${new URLSearchParams(asked.map(([name, value]) => [name, String(value)]))}`
    : path;
  try {
    return await once("GET", address, undefined, signal, false, patience);
  } catch (error) {
    if (signal?.aborted || !(error instanceof ApiError) || !(error.status === 0 || PASSING.has(error.status))) {
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER));
    return once("GET", address, undefined, signal, false, patience);
  }
}

/**
 * Have something done.
 *
 * @param {string} path
 * @param {unknown} [body]
 * @param {{method?: "POST" | "PUT" | "DELETE", signal?: AbortSignal, keepalive?: boolean, patience?: number}} [options]
 *   `keepalive`: it is sent even if the page is being left; `patience`: as for `get`
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export async function post(path, body = {}, { method = "POST", signal, keepalive = false, patience } = {}) {
  return once(method, path, JSON.stringify(body), signal, keepalive, patience);
}

/**
 * @param {string} method
 * @param {string} address
 * @param {string | undefined} body
 * @param {AbortSignal} [signal]
 * @param {boolean} [keepalive]
 * @param {number} [within]
 */
async function once(method, address, body, signal, keepalive = false, within = ANSWER_WITHIN) {
  const patience = AbortSignal.timeout(within);
  const headers = { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) };
  let response;
  try {
    response = await fetch(address, {
      method,
      body,
      headers,
      keepalive,
      credentials: "same-origin",
      signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(patience.aborted ? "timeout" : "network", String(error), 0);
  }
  const answer = await read(response);
  signal?.throwIfAborted(); // else what was broken off would be an empty answer
  if (response.ok) return answer;
  const failed = told(response, answer);
  if (failed.status === 401) document.dispatchEvent(new CustomEvent("signedout", { detail: failed }));
  throw failed;
}

/** @param {Response} response @returns {Promise<any>} */
async function read(response) {
  const text = await response.text().catch(() => "");
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What a refusal says, wherever in the answer it stands. @param {Response} response @param {any} answer */
function told(response, answer) {
  const said = answer?.code ? answer : (answer?.detail ?? answer);
  if (said?.code) return new ApiError(said.code, said.message ?? "", response.status, answer);
  const message = typeof said === "string" ? said : response.statusText;
  return new ApiError(`http_${response.status}`, message, response.status, answer);
}
