/** What a workflow's definition and the history of a run say of its states, as a graph. */

/** @typedef {{from: string, to: string}} Edge */

/**
 * The ways of a definition in Amazon States Language, each once.
 * @returns {Edge[]}
 */
export function edgesOf(definition) {
  const all = Object.entries(definition.States).flatMap(([from, state]) => {
    const ways = [state, ...(state.Choices ?? []), ...(state.Catch ?? [])].map((way) => way.Next);
    return [...ways, state.Default].filter(Boolean).map((to) => ({ from, to }));
  });
  return all.filter((edge, index) => all.findIndex((other) => isSame(edge, other)) === index);
}

/** The ways that a run took, each once. */
export function edgesTaken(items) {
  const steps = items.slice(1).map((item, index) => ({ from: items[index].name, to: item.name }));
  return steps.filter((edge, index) => steps.findIndex((other) => isSame(edge, other)) === index);
}

/** How a state stands: never entered, passed, where the run is now, or where it ended by a fault. */
export function standing(name, items, running) {
  const last = items.at(-1);
  if (!items.some((item) => item.name === name)) return "ahead";
  if (last.name !== name) return "passed";
  if (last.error) return "failed";
  return running ? "current" : "passed";
}

export function isSame(one, other) {
  return one.from === other.from && one.to === other.to;
}
