import assert from "node:assert/strict";
import test from "node:test";
import { link, parseHash } from "../../../functions/console/static/js/routes.js";

test("an address names a page and what it is about", () => {
  assert.deepEqual(parseHash(""), { page: "overview" });
  assert.deepEqual(parseHash("#/"), { page: "overview" });
  assert.deepEqual(parseHash("#/customers"), { page: "customers" });
  assert.deepEqual(parseHash("#/customers/acme/usage"), { page: "customers", customer: "acme", tab: "usage" });
});

test("an address comes back as it was made, whatever the id", () => {
  for (const id of ["acme~0~1", "a:b.c_d-e", "a/b", "100%", "#?&"]) {
    assert.deepEqual(parseHash(link("records", id)), { page: "record", record: id });
  }
});

test("any other address is missing", () => {
  for (const hash of ["#/none", "#/customers/a/b/c", "#/customers/%E0%A4%A", "#/overview/x"]) {
    assert.deepEqual(parseHash(hash), { page: "missing" });
  }
});
