// Makes elements of operations.

// element makes an element; children are elements or text.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// renderOperation makes a closed entry; its body is made when it is first opened.
export function renderOperation(operation) {
  const entry = element("details", { id: `op-${operation.id}` },
    element("summary", {},
      element("span", { class: `verb ${operation.verb}` }, operation.verb.toUpperCase()),
      element("code", {}, operation.path),
      element("span", { class: "does" }, operation.summary)));
  entry.addEventListener("toggle", () => {
    if (entry.open && !entry.querySelector(".body")) entry.append(renderBody(operation));
  });
  return entry;
}

function renderBody(operation) {
  const body = element("div", { class: "body" });
  if (operation.description) body.append(element("p", {}, operation.description));
  body.append(element("h3", {}, "Example"), copyable(operation.curl));
  if (operation.parameters.length) {
    body.append(element("h3", {}, "Parameters"), table(["Name", "In", "Type", "Description"], operation.parameters.map((p) =>
      [nameOf(p), p.where, p.type, p.description])));
  }
  if (operation.body?.fields.length) {
    body.append(element("h3", {}, `Body, ${operation.body.type}`), fields(operation.body.fields));
  }
  for (const answer of operation.answers) {
    body.append(element("h3", {}, answer.status === "default" ? "Errors" : `Answer ${answer.status}`));
    if (answer.description) body.append(element("p", {}, answer.description));
    if (answer.fields.length) body.append(fields(answer.fields));
  }
  return body;
}

function nameOf({ name, required }) {
  const cell = element("span", {}, element("code", {}, name));
  if (required) cell.append(" ", element("span", { class: "required" }, "required"));
  return cell;
}

function fields(rows) {
  return table(["Field", "Type", "Description"], rows.map((row) => [nameOf(row), row.type, row.description]), rows.map((row) => row.depth));
}

function table(heads, rows, depths = []) {
  return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": heads.join(", ") }, element("table", {},
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows.map((row, i) => element("tr", {}, ...row.map((cell, j) =>
      element("td", j === 0 && depths[i] ? { class: `in${depths[i]}` } : {}, cell)))))));
}

function copyable(text) {
  const copy = element("button", { class: "copy", type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Select it by hand"; // no clipboard over plain HTTP
    }
  });
  return element("div", { class: "example" }, copy, element("pre", { tabindex: "0" }, text));
}
