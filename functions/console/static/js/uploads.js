/**
 * Log files on their way into the bucket, some at a time, each by a form of its own. They go on while
 * other pages are looked at; whoever signs out stops them.
 */

import { call, get, part } from "./api.js";
import { sendForm } from "./bucket.js";
import { createContext, useEffect, useRef, useState } from "./dom.js";
import { objectionTo, otherName, uploadName } from "./log_names.js";

const AT_ONCE = 2;
const UNDER_WAY = ["asking", "sending"];
export const ARRIVED = ["sent", "same"];

/** The queue of who is signed in, for the page that shows it. */
export const Uploads = createContext(null);

/**
 * What stands in the list. `state` is waiting, asking, known, sending, sent, same, failed, or refused; same is
 * what was sent and had been read before, to the byte.
 * Of a file whose name the bucket has already, `before` is what became of that one.
 * @typedef {{number: number, file: File, name: string, state: string, bytes: number, fileId: string|null,
 *   before: object|null, meant: boolean, reason: string|null, problem: object|null}} Upload
 */

export class UploadQueue {
  #stops = new Map();

  /** @param {(items: Upload[]) => void} changed is told of every change */
  constructor(changed) {
    this.items = [];
    this.changed = changed;
  }

  /** @param {{file: File, isFolder?: boolean}[]} chosen */
  add(chosen) {
    const first = this.items.length === 0 ? 0 : this.items.at(-1).number + 1;
    this.items = [...this.items, ...chosen.map((each, index) => fresh(each, first + index))];
    this.#goOn();
  }

  /** Take what failed up again, or send what the bucket has under this name already. */
  again(number) {
    const { state, meant } = this.#find(number);
    this.#change(number, { state: "waiting", problem: null, meant: meant || state === "known" });
    this.#goOn();
  }

  /** Send it beside what the bucket has under its name. */
  rename(number, now = Date.now()) {
    const { name } = this.#find(number);
    this.#change(number, { state: "waiting", name: otherName(name, now), before: null });
    this.#goOn();
  }

  /** Stop one that is under way, and forget it. */
  remove(number) {
    this.#stops.get(number)?.();
    this.items = this.items.filter((each) => each.number !== number);
    this.#goOn();
  }

  stopAll() {
    for (const stop of this.#stops.values()) stop();
    this.items = [];
  }

  #goOn() {
    const free = AT_ONCE - this.items.filter(({ state }) => UNDER_WAY.includes(state)).length;
    const next = this.items.filter(({ state }) => state === "waiting").slice(0, Math.max(0, free));
    for (const item of next) this.#send(item);
    this.changed(this.items);
  }

  async #send(item) {
    this.#change(item.number, { state: "asking", bytes: 0 });
    try {
      const change = await this.#sent(item);
      this.#change(item.number, change);
    } catch (problem) {
      this.#change(item.number, { state: "failed", problem });
    } finally {
      this.#stops.delete(item.number);
      this.#goOn();
    }
  }

  /** Send one, and return what it is then. */
  async #sent({ number, file, name, meant }) {
    const form = await call("POST", "logs/uploads", { body: { name } });
    const reason = objectionTo({ bytes: file.size, maxBytes: form.maxBytes });
    if (reason) return { state: "refused", reason };
    const before = await known(form.fileId);
    const isTaken = before !== null || this.#isBehindAnother(number, name);
    if (isTaken && !meant) return { state: "known", before, fileId: form.fileId };
    // It may have been removed meanwhile.
    if (!this.#find(number)) return {};
    this.#change(number, { state: "sending", before, fileId: form.fileId, meant: true });
    const sending = sendForm(form, file, (bytes) => this.#change(number, { bytes }));
    this.#stops.set(number, sending.stop);
    const etag = await sending.done;
    return { state: before !== null && before.etag === etag && isReadForGood(before) ? "same" : "sent" };
  }

  /** Whether a file of the same name went before this one, which the API need not know yet. */
  #isBehindAnother(number, name) {
    return this.items.some(
      (each) =>
        each.number !== number &&
        each.name === name &&
        (ARRIVED.includes(each.state) || (UNDER_WAY.includes(each.state) && (each.state === "sending" || each.number < number))),
    );
  }

  #find(number) {
    return this.items.find((each) => each.number === number);
  }

  #change(number, change) {
    this.items = this.items.map((each) => (each.number === number ? { ...each, ...change } : each));
    this.changed(this.items);
  }
}

function fresh({ file, isFolder = false }, number) {
  const reason = objectionTo({ bytes: file.size, isFolder });
  const told = { fileId: null, before: null, meant: false, reason, problem: null };
  return { number, file, name: uploadName(file.name), state: reason ? "refused" : "waiting", bytes: 0, ...told };
}

/** What became of the file that has the name already; null where there is none, or nobody may say. */
async function known(fileId) {
  try {
    return await get(`logs/files/${part(fileId)}?limit=1`);
  } catch (problem) {
    if (problem.code === "log_file_not_found" || problem.code === "scope_missing") return null;
    throw problem;
  }
}

/** Whether the same content would be read no more: another reading of it could bring nothing. */
function isReadForGood(before) {
  return before.state === "done" && before.rejected === 0;
}

/** The queue as long as somebody is signed in; whoever closes the tab in the middle is warned. */
export function useUploads() {
  const [items, setItems] = useState([]);
  const queue = useRef(null);
  queue.current ??= new UploadQueue(setItems);
  const isBusy = items.some(({ state }) => state === "waiting" || UNDER_WAY.includes(state));
  useEffect(() => {
    if (!isBusy) return undefined;
    const warn = (event) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isBusy]);
  useEffect(() => () => queue.current.stopAll(), []);
  return { items, queue: queue.current };
}
