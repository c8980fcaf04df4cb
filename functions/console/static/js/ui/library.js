/** Libraries that few pages need: each is loaded when it is first asked for, and once. */

const loading = new Map();

/**
 * @param {"plot"|"graph"} kind whose file the page names in its head
 * @param {string} name under which its script makes itself known
 * @returns {Promise<any>} the library; a later call tries again where it could not be loaded
 */
export function loadLibrary(kind, name) {
  if (!loading.has(kind)) loading.set(kind, load(kind, name));
  return loading.get(kind);
}

function load(kind, name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.querySelector(`meta[name="${kind}-library"]`).content;
    script.onload = () => resolve(globalThis[name]);
    script.onerror = () => {
      loading.delete(kind);
      reject(new Error(`The library for the ${kind} did not load`));
    };
    document.head.append(script);
  });
}
