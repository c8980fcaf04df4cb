/** Hooks that read from the API, and read again. */

import { get } from "./api.js";
import { useEffect, useMemo, useRef, useState } from "./dom.js";
import { currentKey, onSession } from "./session.js";

export const POLL_MILLISECONDS = 5000;

const readers = new Set();

/** Read all anew that the page shows: somebody changed it, or was told that it is not what stands there. */
export function readAnew() {
  for (const again of readers) again();
}

/**
 * Read a path, and again whenever `reload` is called, somebody signs in again, or `busy` says of the
 * last answer that something runs: then every five seconds, while the page is seen.
 * What was read stays until the new answer is there. `poll` reads again where that is nobody's wish: not while
 * the last answer is still under way, which would never come where answers take longer than that.
 * @returns {{data: any, problem: import("./api.js").Problem|null, reload: () => void, poll: () => void}}
 */
export function useLoad(path, busy = () => false) {
  const [state, setState] = useState({ path, data: null, problem: null });
  const [turn, reload] = useTurns();
  const underWay = useRef(null);
  const poll = useRef(() => underWay.current === null && reload()).current;
  const current = kept(state, path);
  useEffect(() => {
    if (path === null) return undefined;
    const controller = new AbortController();
    underWay.current = controller;
    const answered = (change) => {
      if (controller.signal.aborted) return;
      underWay.current = null;
      setState(change);
    };
    const read = get(path, controller.signal);
    (current.data === null ? read : read.finally(noDialogOpen)).then(
      (data) => answered({ path, data, problem: null }),
      (problem) => answered((old) => ({ ...kept(old, path), problem })),
    );
    return () => controller.abort();
  }, [path, turn]);
  usePolling(poll, current.data !== null && busy(current.data));
  return { data: current.data, problem: current.problem, reload, poll };
}

/** As many as the API hands out at once: whoever reads on is served in fewer, larger pages. */
const NEXT_PAGES = "limit=100";
const PLAIN = { itemsOf: (page) => page.items, cursorOf: (page) => page.cursor, parameter: "cursor" };

/**
 * Read a list page by page; its path has a limit. `more` reads the next page, and is null at the end.
 * `list` tells where in a page the list and its cursor are, and which parameter takes the cursor.
 * After `reload` the first page is read anew, and what was read stays until then.
 */
export function useList(path, busy = () => false, list = PLAIN) {
  const [rest, setRest] = useState({ first: null, pages: [], problem: null, reading: false });
  // Reading anew begins at the first page, so that nobody who turned pages is thrown back by it.
  const isReadOn = (page) => rest.first === page && (rest.pages.length > 0 || rest.reading);
  const { data, problem, reload } = useLoad(path, (page) => !isReadOn(page) && busy(page));
  const tail = rest.first === data ? rest : { first: data, pages: [], problem: null, reading: false };
  const pages = data ? [data, ...tail.pages] : [];
  const cursor = data ? list.cursorOf(pages.at(-1)) : null;
  const underWay = useRef(null);
  const more = () => {
    // Asked of a reference, because two clicks may come before anything is drawn anew.
    if (underWay.current === pages.at(-1)) return;
    underWay.current = pages.at(-1);
    setRest({ ...tail, reading: true, problem: null });
    get(`${path.replace(/\blimit=\d+/, NEXT_PAGES)}&${list.parameter}=${encodeURIComponent(cursor)}`)
      .then(
        (page) => setRest({ ...tail, pages: [...tail.pages, page], problem: null, reading: false }),
        (fault) => setRest({ ...tail, problem: fault, reading: false }),
      )
      .finally(() => {
        underWay.current = null;
      });
  };
  const items = useMemo(() => (data ? pages.flatMap(list.itemsOf) : null), [data, tail.pages]);
  return {
    items,
    problem: problem ?? tail.problem,
    reading: tail.reading,
    more: cursor === null ? null : more,
    reload,
  };
}

/** Read again whenever something is not what it was; null is what nobody knows yet. */
export function useReloadOn(reload, something) {
  const before = useRef(something);
  useEffect(() => {
    if (before.current !== null && before.current !== something) reload();
    before.current = something;
  }, [something]);
}

/** The time in milliseconds, anew each second while the page is seen. */
export function useNow() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Read again each so many milliseconds while something runs and the page is seen, and when it is seen again. */
export function usePolling(poll, running, milliseconds = POLL_MILLISECONDS) {
  useEffect(() => {
    if (!running) return undefined;
    const look = () => document.hidden || !currentKey() || isDialogOpen() || poll();
    const timer = setInterval(look, milliseconds);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [poll, running, milliseconds]);
}

/** Whether a dialog is open: what it is about must not change under somebody's hands. */
function isDialogOpen() {
  return document.querySelector("dialog[open]") !== null;
}

/** Resolves when no dialog is open. */
async function noDialogOpen() {
  while (isDialogOpen()) {
    await new Promise((closed) => document.addEventListener("close", closed, { capture: true, once: true }));
  }
}

function useTurns() {
  const [turn, setTurn] = useState(0);
  const next = useRef(() => setTurn((old) => old + 1)).current;
  useEffect(() => onSession(() => currentKey() && next()), []);
  useEffect(() => {
    readers.add(next);
    return () => readers.delete(next);
  }, []);
  return [turn, next];
}

function kept(state, path) {
  return state.path === path ? state : { path, data: null, problem: null };
}
