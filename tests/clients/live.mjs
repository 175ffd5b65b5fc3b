// The portal operations, executed against a running front office by the clients portals are built with: Apollo Client, urql with its
// normalised cache, and Relay. What each of them makes of an answer must be what was answered, also when it is read from its cache again.
// `npm ci && npm run live -- ../../target/debug/frontoffice`.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { fileURLToPath } from "node:url";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { OperationTypeNode, buildSchema, getOperationAST, introspectionFromSchema, isObjectType, parse, print, separateOperations } from "graphql";
import { createClient } from "graphql-ws";
import relay from "relay-runtime";
import WebSocket from "ws";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const binary = resolve(process.argv[2] ?? join(root, "target/debug/frontoffice"));
const work = mkdtempSync(join(tmpdir(), "frontoffice-live-"));
const PASSWORD = "a quiet harbour at dusk";
let server;

function end(code) {
  server?.kill("SIGKILL");
  rmSync(work, { recursive: true, force: true });
  process.exit(code);
}
function fail(what, details = "") {
  console.error(`${what}\n${typeof details === "string" ? details : JSON.stringify(details, null, 1)}`);
  end(1);
}
// Nothing here takes so long; what hangs is a fault.
setTimeout(() => fail("it hangs"), 150_000);
for (const fault of ["uncaughtException", "unhandledRejection"]) process.on(fault, (error) => fail(fault, error.stack));

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
async function eventually(what, look) {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await look();
    if (found) return found;
    await sleep(100);
  }
  return fail(`never seen: ${what}`);
}

// The program as one starts it, with what it says in a file.
async function start() {
  const said = join(work, "said");
  const out = openSync(said, "w");
  const env = { PATH: process.env.PATH, FRONTOFFICE_LISTEN: "127.0.0.1:0", FRONTOFFICE_OWNER_PASSWORD: PASSWORD };
  server = spawn(binary, [], { cwd: work, env, stdio: ["ignore", out, out] });
  closeSync(out);
  server.on("exit", (code) => fail(`the front office ended (${code})`, readFileSync(said, "utf8")));
  const block = await eventually("the front office", () => {
    const text = readFileSync(said, "utf8");
    return text.includes("Stop it") && text;
  });
  return /http:\/\/127\.0\.0\.1:\d+/.exec(block)[0];
}

const url = await start();
async function post(path, body, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return answer.json();
}
async function asked(token, query, variables = {}) {
  const answer = await post("/graphql", { query, variables }, token);
  if (answer.errors || !answer.data) fail("an operation failed", { query, answer });
  return answer.data;
}

// A business with an owner, two conversations and something to look after.
async function business() {
  const staff = (await post("/api/auth/login", { email: "owner@localhost", password: PASSWORD })).access_token;
  const input = { name: "Fish", slug: "fish", plan: "pro", publicChat: true, ownerEmail: "ann@example.com" };
  await asked(staff, "mutation($input: TenantCreateInput!) { tenantCreate(input: $input) { tenant { id } userErrors { message } } }", { input });
  const letters = join(work, "data/mail");
  const letter = await eventually("the letter", () => {
    try {
      const names = readdirSync(letters).filter((name) => name.endsWith(".eml"));
      return names.length > 0 && readFileSync(join(letters, names[0]), "utf8");
    } catch {
      return null;
    }
  });
  const text = letter.replace(/=\r?\n/g, "").replace(/=3D/g, "=");
  const token = /#token=([\w.~-]+)/.exec(text)[1];
  await asked(null, "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) { accepted userErrors { message } } }", { input: { token, password: PASSWORD, name: "Ann" } });
  const login = await post("/api/customers/auth/login", { email: "ann@example.com", password: PASSWORD, tenant: "fish" });
  const owner = login.access_token ?? fail("Ann cannot sign in", login);
  const entry = { title: "Opening hours", text: "The shop opens at nine and closes at six." };
  const made = await asked(owner, "mutation($input: KnowledgeEntryCreateInput!) { knowledgeEntryCreate(input: $input) { entry { id } } }", { input: entry });
  await asked(owner, "mutation($input: KnowledgeEntryApproveInput!) { knowledgeEntryApprove(input: $input) { entry { id } } }", { input: { entry: made.knowledgeEntryCreate.entry.id } });
  for (const [session, message] of [["one", "When does the shop open?"], ["two", "What is the meaning of life?"]]) {
    const answer = await post("/api/chat", { message, business_id: "fish", session_id: `portal-${session}` });
    if (!["answered", "refused"].includes(answer.status)) fail("no answer", answer);
  }
  await eventually("every charge", async () => (await asked(owner, "{ viewer { tenant { credits { held } } } }")).viewer.tenant.credits.held === "0");
  return owner;
}

const token = await business();
const authorization = `Bearer ${token}`;
const sockets = () => createClient({ url: `${url.replace("http", "ws")}/graphql/ws`, webSocketImpl: WebSocket, connectionParams: { authorization } });

// Every operation with the fragments it takes, by its name.
const folder = join(root, "examples/portal-operations");
const files = readdirSync(folder).filter((name) => name.endsWith(".graphql"));
const operations = new Map(files.flatMap((file) => Object.entries(separateOperations(parse(readFileSync(join(folder, file), "utf8"))))));
const kindOf = (name) => getOperationAST(operations.get(name), name).operation;

const apollo = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(sockets()),
    new HttpLink({ uri: `${url}/graphql`, headers: { authorization } }),
  ),
});

// Its documentation asks for the schema, and to be told which objects have no id.
const sdl = readFileSync(join(root, "schema/graphql/schema.graphql"), "utf8");
const published = buildSchema(sdl);
const types = Object.values(published.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith("__"));
const keys = Object.fromEntries(types.filter((type) => !type.getFields().id).map((type) => [type.name, () => null]));
const socket = sockets();
const forward = (request) => ({
  subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink) }),
});
const urql = new Client({
  url: `${url}/graphql`,
  fetchOptions: { headers: { authorization } },
  exchanges: [cacheExchange({ keys, schema: introspectionFromSchema(published) }), fetchExchange, subscriptionExchange({ forwardSubscription: forward })],
});

// Relay's compiler makes modules of the operations, which its runtime loads.
function compiled() {
  const source = join(work, "src");
  mkdirSync(join(source, "__generated__"), { recursive: true });
  for (const file of files) {
    const { definitions } = parse(readFileSync(join(folder, file), "utf8"));
    const tagged = definitions.map((document, number) => `const document${number} = graphql\`\n${print(document)}\n\`;\n`);
    writeFileSync(join(source, `${basename(file, ".graphql")}.js`), `import { graphql } from "relay-runtime";\n${tagged.join("\n")}`);
  }
  writeFileSync(join(work, "schema.graphql"), sdl);
  const config = { src: "./src", language: "javascript", schema: "./schema.graphql", artifactDirectory: "./src/__generated__", eagerEsModules: false };
  writeFileSync(join(work, "relay.config.json"), JSON.stringify(config));
  const done = spawnSync(join(here, "node_modules/.bin/relay-compiler"), ["relay.config.json"], { cwd: work, encoding: "utf8", timeout: 60_000 });
  if (done.status !== 0) fail("relay-compiler failed", `${done.stdout}${done.stderr}`);
  const load = createRequire(join(work, "load.cjs"));
  return (name) => load(join(source, "__generated__", `${name}.graphql.js`));
}
const artifact = compiled();
const environment = new relay.Environment({
  network: relay.Network.create((request, variables) => post("/graphql", { query: request.text, variables }, token)),
  store: new relay.Store(new relay.RecordSource()),
});

// Without what clients add for themselves.
function bare(value) {
  if (Array.isArray(value)) return value.map(bare);
  if (value === null || typeof value !== "object") return value;
  const own = Object.entries(value).filter(([name]) => !name.startsWith("__"));
  return Object.fromEntries(own.map(([name, inner]) => [name, bare(inner)]));
}
// Whether all of a part stands in the whole: Relay shows each component what it asked for itself.
function within(part, whole) {
  if (Array.isArray(part)) return Array.isArray(whole) && part.length === whole.length && part.every((one, at) => within(one, whole[at]));
  if (part === null || typeof part !== "object") return part === whole;
  return whole !== null && typeof whole === "object" && Object.keys(part).every((name) => within(part[name], whole[name]));
}
function same(who, name, found, expected) {
  if (!isDeepStrictEqual(bare(found), bare(expected))) fail(`${who} makes something else of ${name}`, { found: bare(found), expected: bare(expected) });
}

const asGiven = (name) => print(operations.get(name));
async function everywhere(name, variables) {
  const expected = await asked(token, asGiven(name), variables);
  const query = gql(asGiven(name));
  const fresh = await apollo.query({ query, variables, fetchPolicy: "network-only" });
  same("Apollo Client", name, fresh.data, expected);
  same("Apollo Client's cache", name, apollo.readQuery({ query, variables }), expected);
  const answer = await urql.query(query, variables, { requestPolicy: "network-only" }).toPromise();
  if (answer.error) fail(`urql fails with ${name}`, answer.error.message);
  same("urql", name, answer.data, expected);
  const kept = await urql.query(query, variables, { requestPolicy: "cache-only" }).toPromise();
  same("urql's cache", name, kept.data, expected);
  const operation = relay.createOperationDescriptor(artifact(name), variables);
  environment.retain(operation);
  await environment.execute({ operation }).toPromise();
  if (environment.check(operation).status !== "available") fail(`Relay's store lacks something of ${name}`);
  const shown = bare(environment.lookup(operation.fragment).data);
  if (!within(shown, bare(expected))) fail(`Relay makes something else of ${name}`, { shown, expected: bare(expected) });
  return expected;
}

const tenant = (data) => data.viewer.tenant;
const signedIn = await everywhere("SignInQuery", {});
const inbox = await everywhere("InboxQuery", { first: 10 });
const conversation = tenant(inbox).conversations.edges[0].node.id;
await everywhere("InboxQuery", { first: 1, orderBy: "ACTIVE", filter: { state: "AI" } });
await everywhere("ConversationQuery", { id: conversation, first: 50 });
const editor = await everywhere("PersonaEditorQuery", { includeArchived: true });
const persona = tenant(editor).personas.nodes[0].id;
const knowledge = await everywhere("KnowledgeQuery", { first: 10 });
const entry = tenant(knowledge).knowledge.edges[0].node.id;
const queries = [
  ["DashboardQuery", {}], ["KnowledgeSearchQuery", { question: "When does the shop open?" }], ["PersonaEditorHistoryQuery", { id: persona, first: 10 }],
  ["PlanAndCreditsQuery", { first: 5 }], ["SettingsQuery", {}], ["TeamQuery", { first: 10 }], ["TeamAuditQuery", { first: 5 }], ["KeysQuery", { first: 10 }],
  ["PrivacyQuery", { first: 10 }],
];
for (const [name, variables] of queries) await everywhere(name, variables);

// A change is seen by who only reads the cache: the objects that come back have ids, and the caches know them by those.
const input = { persona, expectedRevision: 1, tone: "Dry." };
const changed = await apollo.mutate({ mutation: gql(asGiven("PersonaEditorUpdateMutation")), variables: { input } });
if (changed.data.personaUpdate.userErrors.length > 0) fail("the persona was not changed", changed.data);
const tone = apollo.readQuery({ query: gql(asGiven("PersonaEditorQuery")), variables: { includeArchived: true } });
if (tenant(tone).personas.nodes[0].tone !== "Dry.") fail("Apollo Client's cache does not know the change", tone);
await everywhere("PersonaEditorDifferenceQuery", { id: persona, from: 1, to: 2 });

const update = await urql.mutation(asGiven("KnowledgeUpdateMutation"), { input: { entry, title: "Hours" } }).toPromise();
if (update.error || update.data.knowledgeEntryUpdate.userErrors.length > 0) fail("the entry was not changed", update);
const titled = await urql.query(asGiven("KnowledgeQuery"), { first: 10 }, { requestPolicy: "cache-only" }).toPromise();
if (tenant(titled.data).knowledge.edges[0].node.title !== "Hours") fail("urql's cache does not know the change", titled.data);

const settings = relay.createOperationDescriptor(artifact("SettingsUpdateMutation"), { input: { tenant: tenant(signedIn).id, name: "Fish and more" } });
await environment.executeMutation({ operation: settings }).toPromise();
if (environment.getStore().getSource().get(tenant(signedIn).id)?.name !== "Fish and more") fail("Relay's store does not know the change");

// Listening: what is missed is told first.
const first = (listen) => new Promise((done, refused) => listen(done, refused));
const variables = { id: conversation, afterSequence: 0 };
const heard = await first((done, refused) => {
  apollo.subscribe({ query: gql(asGiven("ConversationSubscription")), variables }).subscribe({ next: (result) => done(result.data), error: refused });
});
const listened = await first((done) => {
  const { unsubscribe } = urql.subscription(asGiven("ConversationSubscription"), variables).subscribe((result) => {
    setTimeout(() => unsubscribe(), 0);
    done(result.data);
  });
});
for (const [who, event] of [["Apollo Client", heard], ["urql", listened]]) {
  if (event?.conversationEvents?.message?.sequence !== 1) fail(`${who} hears something else`, event);
}

const count = [...operations.keys()].filter((name) => kindOf(name) === "query").length;
console.log(`Apollo Client, urql and Relay: ${count} queries answered alike and read again from their caches, changes seen there, events heard`);
end(0);
