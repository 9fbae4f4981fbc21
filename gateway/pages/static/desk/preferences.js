/**
 * What the agent chose for this browser: whether it rings, and which page opens with a call. Nothing of any call is
 * kept here.
 */
const STORED = "aicc.desk";

/** @returns {{ring: boolean, pop: string}} */
export function preferences() {
  const own = { ring: true, pop: "" };
  try {
    return { ...own, ...JSON.parse(localStorage.getItem(STORED) ?? "{}") };
  } catch {
    return own; // no storage, or not ours
  }
}

/** @param {Partial<{ring: boolean, pop: string}>} changed */
export function prefer(changed) {
  const wanted = { ...preferences(), ...changed };
  try {
    localStorage.setItem(STORED, JSON.stringify(wanted));
  } catch {
    // it lasts as long as the page
  }
  return wanted;
}
