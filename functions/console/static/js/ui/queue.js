/** Many small reads, a few at a time: a list of fifty customers asks for fifty balances. */

import { get } from "../api.js";
import { useEffect, useState } from "../dom.js";

const AT_ONCE = 3;
const waiting = [];
let running = 0;

/** Read a path when its turn comes; null until then, and where it could not be read. */
export function useQueued(path, turn) {
  const [data, setData] = useState(null);
  useEffect(() => {
    const controller = new AbortController();
    const job = () => get(path, controller.signal).then(setData, () => setData(null));
    waiting.push(job);
    next();
    return () => {
      controller.abort();
      const place = waiting.indexOf(job);
      if (place >= 0) waiting.splice(place, 1);
    };
  }, [path, turn]);
  return data;
}

function next() {
  if (running >= AT_ONCE || waiting.length === 0) return;
  running += 1;
  waiting.shift()().finally(() => {
    running -= 1;
    next();
  });
}
