/**
 * The API key of who sits here. It lives in this tab's session storage and nowhere else, and is forgotten
 * at sign-out and after an hour in which nobody did anything.
 */

const KEY = "billing.key";
const USED = "billing.used";
export const IDLE_MILLISECONDS = 60 * 60 * 1000;

const listeners = new Set();

/** The key, or null where nobody is signed in. */
export function currentKey(now = Date.now()) {
  const used = Number(sessionStorage.getItem(USED) ?? 0);
  if (now - used > IDLE_MILLISECONDS) sessionStorage.removeItem(KEY);
  return sessionStorage.getItem(KEY);
}

/** Remember that a person did something. */
export function touch(now = Date.now()) {
  if (currentKey(now)) sessionStorage.setItem(USED, String(now));
}

export function signIn(key, now = Date.now()) {
  sessionStorage.setItem(USED, String(now));
  sessionStorage.setItem(KEY, key);
  tell();
}

export function signOut() {
  sessionStorage.removeItem(KEY);
  tell();
}

/** The key was refused in the middle of work: it is forgotten, and the page may stay for who signs in again. */
export function expire() {
  sessionStorage.removeItem(KEY);
  tell({ pageStays: true });
}

/** Be told whenever somebody signs in or out; returns how to be told no more. */
export function onSession(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Take a key that a link brought, and take it out of the address before anything else can see it there.
 * The link is <console>#key=<key>.
 */
export function takeKeyFromAddress() {
  const match = /^#key=([^&]+)$/.exec(location.hash);
  if (!match) return;
  history.replaceState(null, "", `${location.pathname}${location.search}#/`);
  signIn(decodeURIComponent(match[1]));
}

function tell(how = { pageStays: false }) {
  for (const listener of listeners) listener(how);
}
