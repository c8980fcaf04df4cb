/** What a log file is called on its way into the bucket, and how large it is, in words. */

const NAME_LENGTH_MAX = 128;
const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/**
 * A name that the API takes, made of the name of a file: "usage (1).json" is "usage-1-.json".
 * The end of a long one is kept, because there it says what it is.
 */
export function uploadName(fileName) {
  const plain = fileName.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^A-Za-z0-9._:-]+/g, "-");
  return plain.slice(-NAME_LENGTH_MAX).replace(/^[^A-Za-z0-9]+/, "") || "log-file";
}

/** Another name for the same file, by the time in UTC: "usage.json" is "20260131T090000-usage.json". */
export function otherName(name, now) {
  const stamp = `${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, "")}-`;
  return stamp + name.slice(-(NAME_LENGTH_MAX - stamp.length));
}

/** A size as a person reads it. */
export function showBytes(bytes) {
  if (bytes === 1) return "1 byte";
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${number.format(bytes / 1024 ** power)} ${UNITS[power]}`;
}

/** Why a file cannot be sent at all, in the words of the limit, or null. */
export function objectionTo({ bytes, maxBytes = Infinity, isFolder = false }) {
  if (isFolder) return "It is a folder. Drop the files that are in it.";
  if (bytes === 0) return "It is empty.";
  if (bytes <= maxBytes) return null;
  const [has, takes] = [bytes, maxBytes].map((each) => number.format(each));
  return `It has ${has} bytes; the bucket takes at most ${takes} (${showBytes(maxBytes)}) in a file. Split it into several.`;
}
