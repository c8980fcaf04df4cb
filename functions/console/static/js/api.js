/** The only way to the API: requests with the key, answers as JSON, and every refusal as a Problem. */

import { currentKey, expire } from "./session.js";

/**
 * What went wrong, as a person can be told it.
 * `retryAfterSeconds` is how long the API asks to wait, or null.
 */
export class Problem extends Error {
  constructor({ status, title, detail, code, requestId = null, errors = [], retryAfterSeconds = null }) {
    super(`${title}: ${detail}`);
    Object.assign(this, { status, title, detail, code, requestId, errors, retryAfterSeconds });
  }
}

const REQUEST = "urn:usage-billing:request:";
const GATEWAY = {
  401: ["Sign in again", "The API did not accept the key."],
  403: ["Sign in again", "The API knows this key no more: it may have been revoked."],
  413: ["Too large", "The API reads no request of this size."],
  429: ["Too many requests", "The API lets only so many requests through. Wait a moment."],
};

/** Read something. */
export function get(path, signal) {
  return call("GET", path, { signal });
}

/**
 * Send a request and return what the API answers, as JSON; null where it answers with nothing.
 * The path is relative, because the API may stand under a prefix: "users/acme".
 * @param {{body?: object, idempotencyKey?: string, signal?: AbortSignal, key?: string}} options
 * @throws {Problem}
 */
export async function call(method, path, { body, idempotencyKey, signal, key = currentKey() } = {}) {
  const headers = { Authorization: `Bearer ${key}`, Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
  const answer = await sent(path, { method, headers, body: JSON.stringify(body), signal });
  const content = await contentOf(answer);
  if (answer.ok) return content;
  throw refusal(answer, content);
}

/**
 * Read a page of a list as CSV: its text, and the path of the next page, or null at the end.
 * @returns {Promise<{text: string, next: string|null}>}
 */
export async function getCsv(path, signal) {
  const headers = { Authorization: `Bearer ${currentKey()}`, Accept: "text/csv" };
  const answer = await sent(path, { headers, signal });
  if (!answer.ok) throw refusal(answer, await contentOf(answer));
  const query = /<(\?[^>]*)>; rel="next"/.exec(answer.headers.get("Link") ?? "")?.[1];
  return { text: await answer.text(), next: query ? path.split("?")[0] + query : null };
}

/** An id or another word as a part of a path. */
export function part(word) {
  return encodeURIComponent(word);
}

async function sent(path, request) {
  try {
    return await fetch(path, { ...request, cache: "no-store", credentials: "omit" });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Problem({
      status: 0,
      title: "No connection",
      detail: "The API cannot be reached. What was asked may or may not have arrived: trying again is safe.",
      code: "no_connection",
    });
  }
}

async function contentOf(answer) {
  const text = await answer.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** What to throw; a key that is refused ends the session. */
function refusal(answer, content) {
  const problem = problemOf(answer, content);
  if (isAboutTheKey(problem)) expire();
  return problem;
}

function problemOf(answer, content) {
  const told = content?.code ? content : gatewaysOwn(answer.status);
  return new Problem({
    ...told,
    status: answer.status,
    requestId: decodeURIComponent(told.instance?.replace(REQUEST, "") ?? "") || null,
    retryAfterSeconds: Number(answer.headers.get("Retry-After")) || null,
  });
}

function gatewaysOwn(status) {
  const [title, detail] = GATEWAY[status] ?? ["No answer", `The API answered ${status} and nothing else.`];
  return { title, detail, code: `gateway_${status}` };
}

/** Whether another key would help, and nothing else would. */
function isAboutTheKey({ status, code }) {
  return status === 401 || (status === 403 && code !== "scope_missing");
}
