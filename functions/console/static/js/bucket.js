/** The way into the bucket of log files: a form that the API signed, sent with its file. */

import { Problem } from "./api.js";

/**
 * Send a file by a form. fetch would not tell how far it came.
 * @param {{url: string, fields: Record<string, string>}} form as POST /logs/uploads answers
 * @param {(bytes: number) => void} tell how many bytes are on their way
 * @returns {{done: Promise<string|undefined>, stop: () => void}} `done` is the ETag of what arrived, where it
 *   is told, and throws a Problem
 */
export function sendForm({ url, fields }, file, tell) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    // The form is a little larger than its file.
    request.upload.onprogress = ({ loaded }) => tell(Math.min(loaded, file.size));
    request.onload = () => (request.status < 300 ? resolve(etagOf(request)) : reject(refused(request)));
    request.onerror = () => reject(broken());
    request.onabort = () => reject(broken());
  });
  request.open("POST", url);
  request.send(formOf(fields, file));
  return { done, stop: () => request.abort() };
}

/** S3 reads nothing that stands behind the file. */
function formOf(fields, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file);
  return form;
}

function broken() {
  return new Problem({
    status: 0,
    title: "The file did not arrive",
    detail: "The connection to the bucket broke, or the file can no longer be read here. Trying again is safe: it is the same file.",
    code: "upload_broken",
  });
}

/** S3 says in XML what it took, and why it refuses. */
function toldBy({ responseText }, name) {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(responseText)?.[1];
}

/** It stands there in quotes, which may be written as entities. */
function etagOf(request) {
  return toldBy(request, "ETag")?.replace(/"|&quot;|&#34;/g, "");
}

function refused(request) {
  const { status } = request;
  const told = (name) => toldBy(request, name);
  return new Problem({
    status,
    title: "The bucket refused the file",
    detail: told("Message") ?? `It answered ${status} and nothing else.`,
    code: told("Code") ?? `bucket_${status}`,
    requestId: told("RequestId") ?? null,
    retryAfterSeconds: null,
  });
}
