// Checks dashboards against the types of Grafana's own schema, of the oldest version that they are for and
// of a new one:
//
//     node check.mjs DASHBOARD.json…
//
// Each part is checked by itself, so that an error names its place. Nothing is required: the types demand
// also what Grafana fills in. Units and colours are any text to that schema; `tests/dashboards` checks those.

import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { createGenerator } from "ts-json-schema-generator";

const VERSIONS = {
  "grafana-10": {
    dashboard: "dist/esm/raw/dashboard/x/dashboard_types.gen.d.ts",
    panel: (name) => `dist/esm/raw/composable/${name.toLowerCase()}/panelcfg/x/${name}PanelCfg_types.gen.d.ts`,
    query: "dist/esm/raw/composable/prometheus/dataquery/x/PrometheusDataQuery_types.gen.d.ts",
  },
  // The types of Prometheus' queries are no longer part of it.
  "grafana-13": {
    dashboard: "dist/types/raw/dashboard/x/types.gen.d.ts",
    panel: (name) => `dist/types/raw/composable/${name.toLowerCase()}/panelcfg/x/types.gen.d.ts`,
  },
};
// A panel's type, as the schema's folders call it.
const PANELS = { stat: "Stat", table: "Table", timeseries: "TimeSeries", "state-timeline": "StateTimeline" };

// What the editor and the Prometheus plugin add, of which the schema does not speak.
const ADDED = {
  annotations: ["expr", "step", "tagKeys", "textFormat", "titleFormat", "useValueForTime"],
  templating: ["definition"],
};

/** The dashboard without its panels and without what was added to annotations and variables. */
function frame(dashboard) {
  const known = { ...dashboard, panels: [] };
  for (const [part, added] of Object.entries(ADDED)) {
    const list = dashboard[part].list.map((it) =>
      Object.fromEntries(Object.entries(it).filter(([key]) => !added.includes(key))),
    );
    known[part] = { list };
  }
  return known;
}

/** Makes nothing required, at any depth. */
function relaxed(schema) {
  if (Array.isArray(schema)) return schema.map(relaxed);
  if (schema === null || typeof schema !== "object") return schema;
  const entries = Object.entries(schema).filter(([key, value]) => key !== "required" || !Array.isArray(value));
  return Object.fromEntries(entries.map(([key, value]) => [key, relaxed(value)]));
}

const compiled = new Map();

/** The check of one type of one version. */
function validator(version, file, type) {
  const key = `${version} ${file} ${type}`;
  if (!compiled.has(key)) {
    const path = `node_modules/${version}/${file}`;
    const schema = createGenerator({ path, tsconfig: `${version}.json`, type, skipTypeCheck: true }).createSchema(type);
    compiled.set(key, new Ajv({ allErrors: true, strict: false }).compile(relaxed(schema)));
  }
  return compiled.get(key);
}

/** The value with a number where JSON has null for minus infinity. */
function finite(value) {
  return JSON.parse(JSON.stringify(value), (key, it) => (key === "value" && it === null ? -Number.MAX_VALUE : it));
}

let errors = 0;
let checked = 0;

function check(place, version, file, type, value) {
  const validate = validator(version, file, type);
  checked += 1;
  if (validate(finite(value))) return;
  for (const error of validate.errors) {
    errors += 1;
    const params = JSON.stringify(error.params);
    console.error(`${place} (${version}, ${type}${error.instancePath}): ${error.message} ${params}`);
  }
}

/** The properties that overrides give below `prefix`, one object an override. */
function overridden(panel, prefix) {
  return panel.fieldConfig.overrides.map(({ properties }) => {
    const given = properties.filter(({ id }) => id.startsWith(prefix));
    return Object.fromEntries(given.map(({ id, value }) => [id.slice(prefix.length), value]));
  });
}

function checkPanel(place, version, files, panel) {
  if (panel.type === "row") {
    check(place, version, files.dashboard, "RowPanel", panel);
    return;
  }
  check(place, version, files.dashboard, "Panel", panel);
  const standard = overridden(panel, "").map((it) =>
    Object.fromEntries(Object.entries(it).filter(([id]) => !id.startsWith("custom."))),
  );
  for (const given of standard) check(place, version, files.dashboard, "FieldConfig", given);

  const file = files.panel(PANELS[panel.type]);
  check(place, version, file, "Options", panel.options);
  // Numbers that stand alone have nothing of their own; a table's are common to it and to others.
  if (panel.type === "timeseries" || panel.type === "state-timeline") {
    const custom = [panel.fieldConfig.defaults.custom, ...overridden(panel, "custom.")];
    for (const given of custom) check(place, version, file, "FieldConfig", given);
  }
  if (files.query) {
    for (const target of panel.targets) check(place, version, files.query, "PrometheusDataQuery", target);
  }
}

const paths = process.argv.slice(2);
for (const path of paths) {
  const dashboard = JSON.parse(readFileSync(path, "utf8"));
  for (const [version, files] of Object.entries(VERSIONS)) {
    check(path, version, files.dashboard, "Dashboard", frame(dashboard));
    for (const panel of dashboard.panels) checkPanel(`${path}: ${panel.title}`, version, files, panel);
  }
}
console.log(`${checked} parts of ${paths.length} dashboards, ${errors} errors`);
if (errors > 0 || paths.length === 0) process.exit(1);
