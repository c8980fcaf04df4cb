/**
 * Addresses within the console. They stand behind the #, so that no server has to know them, and hold
 * the page and what it is about: "#/customers/acme/usage".
 */

/** The pages by the first word of their addresses, with the names of the words behind it. */
const PAGES = {
  "": ["overview"],
  customers: ["customers", ["customer", "tab"]],
  events: ["event", ["customer", "event"]],
  records: ["record", ["record"]],
  logs: ["logs", ["file"]],
  products: ["products", ["product"]],
  retries: ["retries"],
  system: ["system"],
};

/**
 * @typedef {{page: string, [name: string]: string}} Place
 * @param {string} hash what stands in the address, with its #
 * @returns {Place} the page and what it is about; the page "missing" where there is no such page
 */
export function parseHash(hash) {
  const [first, ...rest] = hash.replace(/^#?\/?/, "").split("/");
  const [page, names = []] = PAGES[first] ?? ["missing"];
  const words = rest.filter(Boolean).map(decoded);
  if (words.length > names.length || words.includes(null)) return { page: "missing" };
  return { page, ...Object.fromEntries(words.map((word, index) => [names[index], word])) };
}

/** The address of a page: link("customers", "acme", "usage"). */
export function link(...words) {
  return `#/${words.map(encodeURIComponent).join("/")}`;
}

function decoded(word) {
  try {
    return decodeURIComponent(word);
  } catch {
    return null;
  }
}
