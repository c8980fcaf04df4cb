/**
 * A price as somebody types it, and as the API takes it: every number stays the text that was typed, so
 * that none is rounded on its way.
 */

import { counted, showMoney, showUnits } from "./money.js";

const LAST_MONTHS = 3;

/** @typedef {{upTo: string, unitPriceCents: string, flatPriceCents: string}} TierDraft the last has no upTo */

export const MODELS = {
  flat: "Flat: each unit",
  package: "Package: each started block",
  graduated: "Graduated: each unit in its tier",
  volume: "Volume: all units at the tier of the total",
};

export function emptyDraft() {
  return {
    model: "flat",
    unitPriceCents: "",
    packageUnits: "",
    packagePriceCents: "",
    tiers: [emptyTier(), emptyTier()],
    freeUnits: "",
  };
}

export function emptyTier() {
  return { upTo: "", unitPriceCents: "", flatPriceCents: "" };
}

/** What is typed for a price that is there already. */
export function draftOf(price) {
  const draft = emptyDraft();
  const tiers = price.tiers?.map((tier) => ({
    upTo: text(tier.upTo),
    unitPriceCents: text(tier.unitPriceCents),
    flatPriceCents: text(tier.flatPriceCents),
  }));
  const fields = ["unitPriceCents", "packageUnits", "packagePriceCents", "freeUnits"];
  const typed = Object.fromEntries(fields.map((name) => [name, text(price[name])]));
  return { ...draft, ...typed, model: price.model, tiers: tiers ?? draft.tiers };
}

/** The price as the API takes it; what is missing in it the API names. */
export function priceOf(draft) {
  const free = draft.freeUnits ? { freeUnits: draft.freeUnits } : {};
  const { model } = draft;
  if (model === "flat") return { model, ...given(draft, "unitPriceCents"), ...free };
  if (model === "package") return { model, ...given(draft, "packageUnits", "packagePriceCents"), ...free };
  return { model, tiers: draft.tiers.map(tierOf), ...free };
}

/** Units at which to draw a price: evenly up to half beyond its last bound. */
export function unitsToDraw(draft, points = 60) {
  const bounds = [draft.packageUnits, draft.freeUnits, ...draft.tiers.map((tier) => tier.upTo)];
  const largest = Math.max(...bounds.map(Number).filter((bound) => bound > 0 && bound <= 1e12), 0);
  const end = Math.max(points, Math.ceil((largest || 1000) * 1.5));
  return Array.from({ length: points + 1 }, (_, index) => Math.round((end * index) / points));
}

/** A price in a line. */
export function inWords(price) {
  const free = price.freeUnits ? `, ${showUnits(price.freeUnits)} units of each month free` : "";
  return `${modelInWords(price)}${free}`;
}

/** What each tier costs, in the order in which they come; nothing for a price without tiers. */
export function tiersInWords(price) {
  return (price.tiers ?? []).map((tier, index, tiers) => {
    const before = tiers[index - 1];
    const range = tier.upTo === null ? (before ? `above ${showUnits(before.upTo)}` : "all units") : `up to ${showUnits(tier.upTo)}`;
    const entering = tier.flatPriceCents && tier.flatPriceCents !== "0" ? `, and ${showMoney(tier.flatPriceCents)} once` : "";
    return `${range}: ${showMoney(tier.unitPriceCents)} a unit${entering}`;
  });
}

/** The first instants of the next months in UTC, at which a price that counts by the month may begin. */
export function nextMonths(now) {
  const date = new Date(now);
  return Array.from({ length: LAST_MONTHS }, (_, index) =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1 + index, 1)).toISOString(),
  );
}

function modelInWords(price) {
  if (price.model === "flat") return `${showMoney(price.unitPriceCents)} a unit`;
  if (price.model === "package") {
    return `${showMoney(price.packagePriceCents)} for each ${showUnits(price.packageUnits)} units that are begun`;
  }
  return `${price.model}, ${counted(price.tiers.length, "tier", "tiers")}`;
}

function tierOf(tier, index, tiers) {
  const upTo = index === tiers.length - 1 ? null : tier.upTo;
  const flat = tier.flatPriceCents ? { flatPriceCents: tier.flatPriceCents } : {};
  return { upTo, unitPriceCents: tier.unitPriceCents, ...flat };
}

function given(draft, ...names) {
  return Object.fromEntries(names.filter((name) => draft[name]).map((name) => [name, draft[name]]));
}

function text(value) {
  return value === null || value === undefined ? "" : String(value);
}
