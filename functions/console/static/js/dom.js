/** The libraries, loaded by a script before this one, under the names by which the console knows them. */

const { h } = globalThis.preact;
const hooks = globalThis.preactHooks;

export const render = globalThis.preact.render;
export const createContext = globalThis.preact.createContext;
export const useState = hooks.useState;
export const useEffect = hooks.useEffect;
export const useLayoutEffect = hooks.useLayoutEffect;
export const useMemo = hooks.useMemo;
export const useRef = hooks.useRef;
export const useContext = hooks.useContext;

/** Makes elements of a template. What is put into it becomes text or an attribute, never HTML. */
export const html = globalThis.htm.bind(h);
