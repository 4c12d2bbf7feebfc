"use strict";

// Makes few small files of many. From standard input a job: the folder of a site's static files, its
// pages, and for each bundle the files in it. To standard output: the name of each bundle's file,
// which files were read for them, and the new names of fonts and pictures.
//
// Rules that no page and no script names are left out. A name tells the content, so that a server may
// let browsers keep a file for ever.
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const esbuild = require("esbuild");
const { PurgeCSS } = require("purgecss");

const FILES = [".svg", ".png", ".jpg", ".gif", ".webp", ".woff2", ".woff", ".ttf"];
const OLD_FONTS = /,\s*url\([^)]*\.(?:woff|ttf|eot)[^)]*\)\s*format\([^)]*\)/g;
// What scripts and the printing of the whole book put into pages, and a part of an attribute's value,
// which PurgeCSS looks for as a whole.
const KEPT = [/data-theme/, /data-mode/, /whole/, /^src$/];

// The theme measures each block of code when a page opens, and so has all of it laid out. page.js does
// so for those that the reader comes near.
const MEASURED = '"pre, .nboutput > .output_area, .cell_output > .output, .jp-RenderedHTMLCommon"';

const job = JSON.parse(fs.readFileSync(0, "utf8"));
const words = (text) => text.match(/[\w-]+/g) ?? [];
const tags = (html) => words((html.match(/<[a-z][^>]*>/g) ?? []).join(" "));
const used = new Set();
const moved = {};
const read = (name) => fs.readFileSync(path.join(job.folder, name), "utf8");
const scriptNames = Object.values(job.scripts).flat();

function write(name, text) {
  const hash = crypto.createHash("sha256").update(text).digest("hex").slice(0, 10);
  const { name: stem, ext } = path.parse(name);
  const file = `${stem.replace(/\.min$/, "")}.${hash}${ext}`;
  fs.writeFileSync(path.join(job.folder, file), text);
  return file;
}

// Every browser that can show the page reads woff2.
const modernFonts = {
  name: "modern fonts",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, ({ path: file }) => ({
      contents: fs.readFileSync(file, "utf8").replace(OLD_FONTS, ""), loader: "css",
    }));
  },
};

async function joined(names) {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: {
      contents: names.map((name) => `@import "./${name}";`).join("\n"),
      loader: "css",
      resolveDir: job.folder,
    },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    absWorkingDir: job.folder,
    outdir: job.folder,
    assetNames: "[name].[hash]",
    charset: "utf8",
    legalComments: "inline",
    loader: Object.fromEntries(FILES.map((suffix) => [suffix, "file"])),
    external: ["data:*", "http:*", "https:*"],
    plugins: [modernFonts],
    logLevel: "error",
  });
  Object.keys(metafile.inputs).forEach((name) => used.add(name));
  const sheet = outputFiles.find(({ path: file }) => file.endsWith(".css"));
  const sources = new Map(Object.entries(metafile.outputs).map(
    ([name, { inputs }]) => [path.join(job.folder, name), Object.keys(inputs)[0]],
  ));
  const assets = outputFiles.filter((file) => file !== sheet)
    .map((file) => ({ ...file, contents: file.contents, source: sources.get(file.path) }));
  return { css: sheet.text, assets };
}

async function styles(bundles) {
  const sheets = Object.entries(bundles);
  const built = await Promise.all(sheets.map(([, names]) => joined(names)));
  const scripts = scriptNames.map(read);
  const pages = job.pages.map((name) => fs.readFileSync(name, "utf8"));
  const known = new Set([...pages.flatMap(tags), ...scripts.flatMap(words)]);
  const uses = [...pages, ...scripts].flatMap((text) => text.match(/--[\w-]+/g) ?? []);
  const content = [{ raw: [...known].join(" "), extension: "html" }];
  const written = {};
  for (const [index, [bundle]] of sheets.entries()) {
    const elsewhere = built.filter((_, place) => place !== index)
      .flatMap(({ css }) => (css.match(/var\(--[\w-]+/g) ?? []).map((use) => use.slice(4)));
    const [{ css }] = await new PurgeCSS().purge({
      content,
      css: [{ raw: built[index].css }],
      defaultExtractor: words,
      variables: true,
      safelist: { greedy: KEPT, variables: [...new Set([...uses, ...elsewhere])] },
    });
    written[bundle] = write(bundle, css);
    for (const { path: file, contents, source } of built[index].assets) {
      if (!css.includes(path.basename(file))) continue;
      fs.writeFileSync(file, contents);
      moved[source] = path.basename(file);
    }
  }
  return written;
}

async function scripts(bundles) {
  const written = {};
  for (const [bundle, names] of Object.entries(bundles)) {
    const text = names.map(read).join("\n;\n").replace(MEASURED, '":not(*)"');
    const { code } = await esbuild.transform(text, {
      minify: true, charset: "utf8", legalComments: "inline",
    });
    written[bundle] = write(bundle, code);
  }
  return written;
}

(async () => {
  const names = { ...await styles(job.styles), ...await scripts(job.scripts) };
  const sources = [...used, ...scriptNames].filter((name) => name !== "<stdin>");
  process.stdout.write(JSON.stringify({ names, read: sources, moved }));
})().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
