/** Whose key it is that is signed in, and what it allows. */

import { createContext, useContext } from "./dom.js";

/** @typedef {{keyId: string, name: string|null, scopes: string[]}} Caller as GET /me answers; null until then */
export const Me = createContext(null);

/** The scope, where the key lacks it; null where it has it, or where nobody knows yet. */
export function useLackOf(scope) {
  const me = useContext(Me);
  if (!scope || me === null) return null;
  return me.scopes.includes(scope) || me.scopes.includes("admin") ? null : scope;
}
