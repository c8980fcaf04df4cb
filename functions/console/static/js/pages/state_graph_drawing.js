/** Draws the states of a workflow, and the ways between them, by a library that finds their places. */

import { html, useEffect, useRef, useState } from "../dom.js";
import { edgesOf, edgesTaken, isSame, standing } from "../state_graph.js";
import { loadLibrary } from "../ui/library.js";

const NODE = { width: 150, height: 36 };
const MARGIN = 8;

export function StateGraph({ definition, items, running }) {
  const [library, setLibrary] = useState(null);
  const [failed, setFailed] = useState(null);
  useEffect(() => {
    // In a function, because a state that is given one calls it.
    loadLibrary("graph", "dagre").then((dagre) => setLibrary(() => dagre), (fault) => setFailed(fault.message));
  }, []);
  const frame = useRef(null);
  const here = items.at(-1)?.name;
  useEffect(() => library && lookAt(frame.current, here), [library, here]);
  if (failed) return html`<p class="wrong">${failed}. The states are below.</p>`;
  if (!library) return null;
  const placed = place(library, definition);
  const taken = edgesTaken(items);
  const told = `States: ${items.map((item) => item.name).join(", then ")}`;
  return html`<div ref=${frame} class="scroll graph" tabindex="0" role="region" aria-label="State graph">
    <svg role="img" aria-label=${told} viewBox="0 0 ${placed.width} ${placed.height}" width=${placed.width} height=${placed.height}>
      ${placed.edges.map((edge) => html`<g class=${taken.some((each) => isSame(each, edge)) ? "taken" : "way"}>
        <polyline points=${edge.points.map(({ x, y }) => `${x},${y}`).join(" ")} />
        <circle cx=${edge.points.at(-1).x} cy=${edge.points.at(-1).y} r="3" />
      </g>`)}
      ${placed.nodes.map((node) => html`<g class="state ${standing(node.name, items, running)}" data-name=${node.name}>
        <rect x=${node.x - NODE.width / 2} y=${node.y - NODE.height / 2} width=${NODE.width} height=${NODE.height} rx="8" />
        <text x=${node.x} y=${node.y + 5} text-anchor="middle">${node.name}</text>
      </g>`)}
    </svg>
  </div>`;
}

/** On a narrow screen only a part is seen: the one where the run is, or the middle before it is anywhere. */
function lookAt(frame, name) {
  const state = [...frame.querySelectorAll(".state")].find((each) => each.dataset.name === name) ?? frame.firstElementChild;
  const [wanted, seen] = [state, frame].map((each) => each.getBoundingClientRect());
  frame.scrollLeft += wanted.left + wanted.width / 2 - (seen.left + seen.width / 2);
}

function place(dagre, definition) {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ ranksep: 34, nodesep: 18, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const name of Object.keys(definition.States)) graph.setNode(name, { ...NODE });
  for (const { from, to } of edgesOf(definition)) graph.setEdge(from, to);
  dagre.layout(graph);
  return {
    ...graph.graph(),
    nodes: graph.nodes().map((name) => ({ name, ...graph.node(name) })),
    edges: graph.edges().map((edge) => ({ from: edge.v, to: edge.w, points: graph.edge(edge).points })),
  };
}
