import assert from "node:assert/strict";
import test from "node:test";
import { objectionTo, otherName, showBytes, uploadName } from "../../../functions/console/static/js/log_names.js";

const TAKEN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

test("a name is left as it is where the API takes it", () => {
  for (const name of ["2026-01-31.ndjson.gz", "a", "A_b:c.json"]) assert.equal(uploadName(name), name);
});

test("any other is made one that the API takes, and still says what it is", () => {
  assert.equal(uploadName("usage (1).json"), "usage-1-.json");
  assert.equal(uploadName("Käufe für März.json"), "Kaufe-fur-Marz.json");
  assert.equal(uploadName(".hidden"), "hidden");
  assert.equal(uploadName("../../etc"), "etc");
  for (const name of ["", "...", "日本", "x".repeat(300), `${"-".repeat(200)}a`]) assert.match(uploadName(name), TAKEN);
  assert.ok(uploadName(`${"x".repeat(300)}.ndjson.gz`).endsWith(".ndjson.gz"));
});

test("another name for the same file says when, and is one that the API takes", () => {
  const now = Date.parse("2026-01-31T09:05:07Z");
  assert.equal(otherName("usage.json", now), "20260131T090507-usage.json");
  assert.match(otherName("x".repeat(128), now), TAKEN);
  assert.ok(otherName(`${"x".repeat(120)}.json.gz`, now).endsWith(".json.gz"));
});

test("a size is read in the unit that it fills", () => {
  assert.deepEqual([0, 1, 1023, 1024, 1536, 1024 ** 3].map(showBytes), ["0 bytes", "1 byte", "1,023 bytes", "1 KiB", "1.5 KiB", "1 GiB"]);
});

test("what cannot be sent is told in the words of the limit", () => {
  assert.equal(objectionTo({ bytes: 5, maxBytes: 5 }), null);
  assert.equal(objectionTo({ bytes: 1025, maxBytes: 1024 }), "It has 1,025 bytes; the bucket takes at most 1,024 (1 KiB) in a file. Split it into several.");
  assert.match(objectionTo({ bytes: 0 }), /empty/);
  assert.match(objectionTo({ bytes: 4096, isFolder: true }), /folder/);
});
