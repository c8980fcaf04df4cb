import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { edgesOf, edgesTaken, standing } from "../../../functions/console/static/js/state_graph.js";

const DUNNING = JSON.parse(readFileSync(new URL("../../../functions/workflows/dunning.asl.json", import.meta.url)));
const ran = (...names) => names.map((name) => ({ name, error: null }));

test("every way of the workflow is found, and each once", () => {
  const edges = edgesOf(DUNNING).map(({ from, to }) => `${from} ${to}`);
  assert.deepEqual(edges.slice(0, 3), ["WaitForAttempt AttemptCharge", "AttemptCharge WhatNext", "WhatNext WaitForAttempt"]);
  assert.ok(edges.includes("WhatNext UnknownOutcome"));
  assert.equal(new Set(edges).size, edges.length);
  const reached = new Set(edgesOf(DUNNING).map(({ to }) => to));
  assert.deepEqual(Object.keys(DUNNING.States).filter((name) => !reached.has(name)), []);
});

test("a loop is a way that was taken once, however often it was", () => {
  const items = ran("WaitForAttempt", "AttemptCharge", "WhatNext", "WaitForAttempt", "AttemptCharge");
  assert.equal(edgesTaken(items).length, 3);
});

test("a state is ahead, passed, current or where it failed", () => {
  const items = ran("WaitForAttempt", "AttemptCharge");
  assert.equal(standing("Paid", items, true), "ahead");
  assert.equal(standing("WaitForAttempt", items, true), "passed");
  assert.equal(standing("AttemptCharge", items, true), "current");
  assert.equal(standing("AttemptCharge", items, false), "passed");
  const failed = [...items, { name: "UnknownOutcome", error: "UnknownOutcome" }];
  assert.equal(standing("UnknownOutcome", failed, false), "failed");
});
