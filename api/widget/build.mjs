// Makes `dist/widget.js`, the one file that is served. `--check` makes it again and compares: what is committed must be what the sources say,
// and small enough.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const file = join(here, "dist/widget.js");
const LIMIT = 12_288;

// The style sheet becomes a string in the script, because it is constructed there: a page's policy may forbid every other way.
const sheets = {
  name: "sheets",
  setup(made) {
    made.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true, target: ["chrome123", "firefox120", "safari17.5"] });
      return { contents: `export default ${JSON.stringify(code.trim().replaceAll(": ", ":"))}`, loader: "js" };
    });
  },
};

// Names that only our own objects have, never the browser's, the wire's or a page's.
const OURS =
  /^(lines|lost|until|resume|say|again|drop|stop|act|attend|glance|wake|reset|keep|end|sending|line|gone|said|stands|refuse|begin|announce|become|owner|level|here|want|claim|seq|tenant|host|last|reopen|hung|trouble|session)$/;

const made = await build({
  entryPoints: [join(here, "src/main.ts")],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome123", "firefox120", "safari17.5"],
  charset: "utf8",
  legalComments: "none",
  mangleProps: OURS,
  plugins: [sheets],
  write: false,
});
// Every byte is loaded by every page: what is left over is worth a second look.
const squeezed = await minify(made.outputFiles[0].text, { ecma: 2022, mangle: true, compress: { passes: 5, inline: 1, conditionals: false, unsafe_arrows: true } });
const code = Buffer.from(squeezed.code);
const size = gzipSync(code, { level: 9 }).length;
if (process.argv.includes("--check")) {
  if (!code.equals(readFileSync(file))) {
    console.error("dist/widget.js is not what the sources say: run `npm run build`");
    process.exitCode = 1;
  }
} else {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code);
}
console.log(`widget.js: ${code.length} bytes, ${size} bytes gzipped`);
if (size > LIMIT) {
  console.error(`more than ${LIMIT} bytes`);
  process.exitCode = 1;
}
