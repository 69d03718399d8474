// Shows the OpenAPI documents of this node (2.0 and 3.1). Everything is made of text nodes:
// nothing that stands in a document can become markup.
import { operationsOf } from "/docs/document.js";
import { element, renderOperation } from "/docs/render.js";

const names = ["node", "virustotal", "chain"];
const loaded = new Map();
const at = (id) => document.getElementById(id);

let shown = { name: "", operations: [] };

async function load(name) {
  if (!loaded.has(name)) {
    const answer = await fetch(`/docs/${name}.json`);
    if (!answer.ok) throw new Error(`/docs/${name}.json: status ${answer.status}`);
    loaded.set(name, await answer.json());
  }
  return loaded.get(name);
}

// route shows what the fragment names: a document, or one operation of it.
async function route() {
  const [given, operation] = decodeURIComponent(location.hash.slice(1)).split("/");
  const name = names.includes(given) ? given : names[0];
  if (shown.name !== name) {
    try {
      show(name, await load(name));
    } catch (problem) {
      at("operations").replaceChildren(element("p", { role: "alert" }, `The document could not be loaded: ${problem.message}`));
      return;
    }
  }
  const found = operation && at(`op-${operation}`);
  if (found) {
    found.open = true;
    found.scrollIntoView();
    found.querySelector("summary").focus({ preventScroll: true });
  }
}

function show(name, document_) {
  shown = { name, operations: operationsOf(document_) };
  for (const link of document.querySelectorAll("#documents a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${document_.info.title} – VirusMap`;
  at("title").textContent = document_.info.title;
  at("version").textContent = `Version ${document_.info.version}`;
  at("description").textContent = document_.info.description ?? "";
  at("download").replaceChildren(element("a", { href: `/docs/${name}.json` }, "The document as JSON"));
  at("search").value = "";
  list();
}

// list shows the operations that have every word of the search, by their tag.
function list() {
  const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = shown.operations.filter((o) => words.every((word) => o.text.includes(word)));
  const all = shown.operations.length;
  at("found").textContent = words.length ? `${fitting.length} of ${all} operations` : `${all} operations`;

  const contents = [], operations = [];
  for (const [tag, group] of Map.groupBy ? Map.groupBy(fitting, (o) => o.tag) : groupBy(fitting)) {
    contents.push(element("h2", {}, tag), element("ul", {}, ...group.map((o) =>
      element("li", {}, element("a", { href: `#${shown.name}/${encodeURIComponent(o.id)}` }, o.summary || o.path)))));
    operations.push(element("section", { "aria-label": tag }, element("h2", {}, tag), ...group.map(renderOperation)));
  }
  at("contents").replaceChildren(...contents);
  at("operations").replaceChildren(...operations);
}

function groupBy(operations) {
  const groups = new Map();
  for (const o of operations) groups.set(o.tag, [...(groups.get(o.tag) ?? []), o]);
  return groups;
}

at("search").addEventListener("input", list);
addEventListener("hashchange", route);
addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== at("search")) {
    event.preventDefault();
    at("search").focus();
  }
});
route();
