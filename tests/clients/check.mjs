// The published schema and the portal operations, as the tools see them that portals are built with: the reference implementation, Relay's
// compiler, and GraphQL Code Generator with TypeScript. None of them is told anything special. `npm ci && npm run check`.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSchema, parse, print, validate, validateSchema } from "graphql";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const schemaFile = join(root, "schema/graphql/schema.graphql");
const folder = join(root, "examples/portal-operations");
const files = readdirSync(folder).filter((name) => name.endsWith(".graphql"));
const work = mkdtempSync(join(tmpdir(), "frontoffice-clients-"));

function fail(what, details) {
  console.error(`${what}\n${details}`);
  process.exit(1);
}

// What a tool says is shown only if it does not like something.
function run(name, args, cwd) {
  const done = spawnSync(join(here, "node_modules/.bin", name), args, { cwd, encoding: "utf8", timeout: 120_000 });
  if (done.status !== 0) fail(`${name} failed`, `${done.stdout}${done.stderr}${done.error ?? ""}`);
  return `${done.stdout}${done.stderr}`;
}

try {
  const sdl = readFileSync(schemaFile, "utf8");
  const schema = buildSchema(sdl);
  const wrong = validateSchema(schema);
  if (wrong.length > 0) fail("the schema is none", wrong.join("\n"));
  for (const file of files) {
    const errors = validate(schema, parse(readFileSync(join(folder, file), "utf8")));
    if (errors.length > 0) fail(`${file} does not fit the schema`, errors.join("\n"));
  }
  console.log(`graphql-js: the schema and ${files.length} files of operations are valid`);

  // Relay wants its documents in modules that they are named after.
  const source = join(work, "src");
  mkdirSync(join(source, "__generated__"), { recursive: true });
  let documents = 0;
  for (const file of files) {
    const { definitions } = parse(readFileSync(join(folder, file), "utf8"));
    documents += definitions.length;
    const tagged = definitions.map((document, number) => `export const document${number} = graphql\`\n${print(document)}\n\`;\n`);
    const module = `import { graphql } from "relay-runtime";\n${tagged.join("\n")}`;
    writeFileSync(join(source, `${basename(file, ".graphql")}.ts`), module);
  }
  cpSync(schemaFile, join(work, "schema.graphql"));
  const relay = { src: "./src", language: "typescript", schema: "./schema.graphql", artifactDirectory: "./src/__generated__" };
  writeFileSync(join(work, "relay.config.json"), JSON.stringify(relay));
  const said = run("relay-compiler", ["relay.config.json"], work);
  const compiled = readdirSync(join(source, "__generated__")).length;
  if (compiled !== documents) fail(`Relay compiled ${compiled} of ${documents}`, said);
  console.log(`relay-compiler: ${compiled} operations and fragments compiled`);

  const scalars = { DateTime: "string", UUID: "string", URL: "string", Credits: "string" };
  const output = { plugins: ["typescript-operations"], config: { strictScalars: true, scalars } };
  const config = { schema: schemaFile, documents: join(folder, "*.graphql"), generates: { [join(work, "types.ts")]: output } };
  writeFileSync(join(work, "codegen.json"), JSON.stringify(config));
  run("graphql-codegen", ["--config", join(work, "codegen.json")], here);
  run("tsc", ["--noEmit", "--strict", join(work, "types.ts")], work);
  console.log("graphql-codegen: types made of the operations, and TypeScript takes them");
} finally {
  rmSync(work, { recursive: true, force: true });
}
