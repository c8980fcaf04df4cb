/** The way into the bucket of log files: a form that the API signed, sent with its file. */

import { Problem } from "./api.js";

/**
 * Send a file by a form. fetch would not tell how far it came.
 * @param {{url: string, fields: Record<string, string>}} form as POST /logs/uploads answers
 * @param {(bytes: number) => void} tell how many bytes are on their way
 * @returns {{done: Promise<void>, stop: () => void}} `done` throws a Problem
 */
export function sendForm({ url, fields }, file, tell) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    // The form is a little larger than its file.
    request.upload.onprogress = ({ loaded }) => tell(Math.min(loaded, file.size));
    request.onload = () => (request.status < 300 ? resolve() : reject(refused(request)));
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

/** S3 says in XML why it refuses. */
function refused({ status, responseText }) {
  const told = (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(responseText)?.[1];
  return new Problem({
    status,
    title: "The bucket refused the file",
    detail: told("Message") ?? `It answered ${status} and nothing else.`,
    code: told("Code") ?? `bucket_${status}`,
    requestId: told("RequestId") ?? null,
    retryAfterSeconds: null,
  });
}
