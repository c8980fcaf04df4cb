/** Times: UTC from the API, the viewer's own zone on the screen, UTC on hover. */

const SECOND = 1000;
const STEPS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });

/** A time in the viewer's zone. */
export function showTime(iso) {
  return local.format(new Date(iso));
}

/** The same in UTC, to the second. */
export function showUtc(iso) {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** A day in UTC, such as "2026-01-31", without its year: "31 Jan". */
export function showDay(date) {
  return day.format(new Date(`${date}T00:00:00Z`));
}

/** How long ago, or how far ahead, a time is: "38 sec. ago". */
export function showDistance(iso, now) {
  const seconds = Math.round((Date.parse(iso) - now) / SECOND);
  const [unit, length] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? STEPS.at(-1);
  return relative.format(Math.trunc(seconds / length), unit);
}

/** A length of time in the largest unit of which it is a whole number: "15 min", "90 sec". */
export function showSeconds(seconds) {
  const [unit, length] = STEPS.find(([, each]) => seconds >= each && seconds % each === 0) ?? STEPS.at(-1);
  return new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "short" }).format(seconds / length);
}

/** What is left until a time, as a clock counts it down: "00:12", "1:02:03"; "00:00" once it is over. */
export function countdown(iso, now) {
  const seconds = Math.max(0, Math.ceil((Date.parse(iso) - now) / SECOND));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return `${hours ? `${hours}:` : ""}${two(minutes)}:${two(seconds % 60)}`;
}

/** Times in seconds along an axis, in the viewer's zone: the date wherever it is another than before. */
export function timeTicks(seconds, step) {
  const date = new Intl.DateTimeFormat(undefined, step < 28 * 86_400 ? { day: "numeric", month: "short" } : { month: "short", year: "numeric" });
  const clock = new Intl.DateTimeFormat(undefined, { timeStyle: step < 60 ? "medium" : "short" });
  const dates = seconds.map((each) => date.format(each * SECOND));
  if (step >= 86_400) return dates;
  return seconds.map((each, index) => `${dates[index] === dates[index - 1] ? "" : `${dates[index]}, `}${clock.format(each * SECOND)}`);
}

/** The last days in UTC up to the one of a time, oldest first: "2026-01-31". */
export function daysUntil(now, count) {
  const DAY = 86_400 * SECOND;
  return Array.from({ length: count }, (_, index) =>
    new Date(now - (count - 1 - index) * DAY).toISOString().slice(0, 10),
  );
}
