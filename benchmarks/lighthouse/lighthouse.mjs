// Lighthouse's marks of pages, as on a phone: node lighthouse.mjs FOLDER PORT CATEGORIES URL...
//
// FOLDER holds the module, PORT is where a Chromium listens to its protocol. For each page a line of
// JSON is written: the marks, what counts against them, and some measured values.
import { createRequire } from "node:module";

const [folder, port, categories, ...urls] = process.argv.slice(2);
const { default: lighthouse } = await import(createRequire(`${folder}/`).resolve("lighthouse"));
const SETTINGS = {
  onlyCategories: categories.split(","),
  disableFullPageScreenshot: true,
  logLevel: "error",
};
const VALUES = [
  "first-contentful-paint", "largest-contentful-paint", "total-blocking-time",
  "cumulative-layout-shift", "total-byte-weight",
];

function faults({ audits, categories }) {
  return Object.values(categories).flatMap(({ auditRefs }) => auditRefs)
    .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 0.9)
    .map(({ id }) => ({
      id,
      shown: audits[id].displayValue,
      where: (audits[id].details?.items ?? []).slice(0, 5)
        .map((item) => item.node?.snippet ?? item.description ?? item.url),
    }));
}

for (const url of urls) {
  const { lhr } = await lighthouse(url, { port: Number(port), ...SETTINGS });
  const marks = Object.entries(lhr.categories).map(([name, { score }]) => [name, Math.round(100 * score)]);
  const values = VALUES.map((name) => [name, lhr.audits[name]?.numericValue]);
  console.log(JSON.stringify({
    url,
    marks: Object.fromEntries(marks),
    values: Object.fromEntries(values),
    faults: faults(lhr),
    error: lhr.runtimeError?.message,
  }));
}
