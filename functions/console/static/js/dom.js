/** The libraries, loaded by a script before this one, under the names by which the console knows them. */

const { h } = globalThis.preact;
const hooks = globalThis.preactHooks;

export const render = globalThis.preact.render;
export const createContext = globalThis.preact.createContext;
export const useState = hooks.useState;
export const useMemo = hooks.useMemo;
export const useRef = hooks.useRef;
export const useContext = hooks.useContext;

/**
 * Every effect runs before what was drawn is seen, so that a page that is seen listens already. Preact's other kind
 * waits for the paint, with which a busy browser is late: a key that was pressed or a file that was dropped in between
 * was lost in silence.
 */
export const useEffect = hooks.useLayoutEffect;

/** Makes elements of a template. What is put into it becomes text or an attribute, never HTML. */
export const html = globalThis.htm.bind(h);
