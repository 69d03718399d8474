// Reads operations out of OpenAPI 2.0 and 3.1 documents into one form:
// {id, tag, verb, path, summary, description, parameters, body, answers, curl, text}.

const verbs = ["get", "post", "put", "patch", "delete"];
const maxDepth = 3;

// operationsOf lists the operations of a document in the order of its tags.
export function operationsOf(doc) {
  const operations = [];
  for (const [path, item] of Object.entries(doc.paths)) {
    for (const verb of verbs) {
      if (item[verb]) operations.push(read(doc, path, item, verb));
    }
  }
  const order = (doc.tags ?? []).map((tag) => tag.name);
  return operations.sort((a, b) => order.indexOf(a.tag) - order.indexOf(b.tag));
}

function read(doc, path, item, verb) {
  const given = item[verb];
  const base = (item.servers ?? doc.servers)?.[0].url ?? doc.basePath ?? "";
  const all = (given.parameters ?? []).map((p) => resolve(doc, p));
  const operation = {
    id: `${verb}${path.replaceAll(/[^A-Za-z0-9]+/g, "-")}`, // operationId repeats among the chain's services
    tag: given.tags?.[0] ?? "Other",
    verb,
    path: (base === "/" ? "" : base) + path,
    summary: given.summary ?? "",
    description: given.description ?? "",
    parameters: all.filter((p) => p.in !== "body").map((p) => ({
      name: p.name, where: p.in, required: Boolean(p.required), description: p.description ?? "",
      type: typeOf(doc, p.schema ?? p), example: p.example ?? p["x-example"],
    })),
    body: bodyOf(doc, given, all),
    answers: Object.entries(given.responses ?? {}).map(([status, answer]) => {
      const found = resolve(doc, answer);
      const schema = found.schema ?? Object.values(found.content ?? {})[0]?.schema;
      return { status, description: found.description ?? "", fields: schema ? fieldsOf(doc, schema) : [] };
    }),
  };
  const security = given.security ?? doc.security ?? [];
  operation.curl = curlOf(operation, security.length > 0);
  operation.text = `${operation.path} ${verb} ${given.operationId} ${operation.tag} ${operation.summary} ${operation.description}`.toLowerCase();
  return operation;
}

// resolve follows a reference inside the document.
function resolve(doc, value) {
  if (!value?.$ref) return value ?? {};
  let found = doc;
  for (const part of value.$ref.slice(2).split("/")) found = found?.[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  return found ?? {};
}

function bodyOf(doc, given, parameters) {
  const inBody = parameters.find((p) => p.in === "body");
  if (inBody) return { type: "application/json", fields: fieldsOf(doc, inBody.schema), example: exampleOf(doc, inBody.schema) };
  const content = Object.entries(resolve(doc, given.requestBody).content ?? {})[0];
  if (!content) return null;
  const [type, { schema, example }] = content;
  return { type, fields: fieldsOf(doc, schema), example: example ?? exampleOf(doc, schema) };
}

function typeOf(doc, schema) {
  const found = resolve(doc, schema);
  if (found.type === "array") return `list of ${typeOf(doc, found.items)}`;
  if (found.additionalProperties) return `map of ${typeOf(doc, found.additionalProperties)}`;
  const type = Array.isArray(found.type) ? found.type.join(" or ") : found.type ?? "any";
  return found.enum ? `${type}: ${found.enum.join(", ")}` : found.format ? `${type} (${found.format})` : type;
}

// fieldsOf flattens a schema into rows with their depth.
function fieldsOf(doc, schema, depth = 0) {
  let found = resolve(doc, schema);
  while (found.type === "array") found = resolve(doc, found.items);
  if (found.additionalProperties?.$ref) found = resolve(doc, found.additionalProperties);
  const rows = [];
  for (const [name, property] of Object.entries(found.properties ?? {})) {
    const shape = resolve(doc, property);
    rows.push({
      name, depth, type: typeOf(doc, property), required: Boolean(found.required?.includes?.(name)),
      description: property.description ?? shape.description ?? shape.title ?? "",
    });
    if (depth < maxDepth) rows.push(...fieldsOf(doc, property, depth + 1));
  }
  return rows;
}

function exampleOf(doc, schema, depth = 0) {
  const found = resolve(doc, schema);
  if (found.example !== undefined) return found.example;
  if (found.properties && depth < maxDepth) {
    return Object.fromEntries(Object.entries(found.properties).map(([name, p]) => [name, exampleOf(doc, p, depth + 1)]));
  }
  return { array: [], object: {}, integer: 0, number: 0, boolean: false }[found.type] ?? "";
}

const quoted = (text) => `'${String(text).replaceAll("'", `'\\''`)}'`;

// curlOf is a command that works when it is pasted, but for the key and the examples.
function curlOf(operation, needsKey) {
  let path = operation.path;
  const lines = [];
  for (const p of operation.parameters) {
    if (p.where === "path") path = path.replace(`{${p.name}}`, p.example ?? p.name.toUpperCase());
    if (p.where === "header" && p.example !== undefined) lines.push(`-H ${quoted(`${p.name}: ${p.example}`)}`);
  }
  if (needsKey) lines.push('-H "X-Apikey: $KEY"');
  if (operation.body?.type === "multipart/form-data") lines.push("-F file=@sample.bin");
  else if (operation.body) {
    lines.push(`-H 'Content-Type: ${operation.body.type}'`);
    const example = operation.body.example;
    lines.push(`-d ${quoted(typeof example === "string" ? example : JSON.stringify(example))}`);
  }
  const verb = operation.verb === "get" || (operation.verb === "post" && operation.body) ? "" : `-X ${operation.verb.toUpperCase()} `;
  return [`curl ${verb}${quoted(location.origin + path)}`, ...lines].join(" \\\n  ");
}
