/** Many small reads, a few at a time: a list of fifty customers asks for fifty balances. */

import { get } from "../api.js";
import { useEffect, useState } from "../dom.js";

const AT_ONCE = 3;
const waiting = [];
let running = 0;

/** What was read or is being read about an item: `data` is null until it is known. */
const asked = new WeakMap();

/**
 * Read a path about an item when its turn comes; null until then, and where it could not be read. It is read
 * once for an item: a row that comes into sight again remembers.
 */
export function useQueued(path, item) {
  const [data, setData] = useState(asked.get(item)?.data ?? null);
  useEffect(() => {
    const job = () => read(path, item).then(setData);
    waiting.push(job);
    next();
    return () => {
      const place = waiting.indexOf(job);
      if (place >= 0) waiting.splice(place, 1);
    };
  }, [item]);
  return data;
}

/** What could not be read is read again when it is asked for again. */
function read(path, item) {
  if (asked.has(item)) return asked.get(item).answer;
  const learn = (data) => {
    asked.get(item).data = data;
    return data;
  };
  const forget = () => {
    asked.delete(item);
    return null;
  };
  asked.set(item, { data: null, answer: get(path).then(learn, forget) });
  return asked.get(item).answer;
}

function next() {
  if (running >= AT_ONCE || waiting.length === 0) return;
  running += 1;
  waiting.shift()().finally(() => {
    running -= 1;
    next();
  });
}
