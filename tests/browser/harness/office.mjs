// The program as one starts it, with an empty folder, a model of ours, and a business whose widget is good on the tests' pages.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startModel } from "./model.mjs";

const PASSWORD = "a quiet harbour at dusk";
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export async function eventually(what, look, tries = 100) {
  for (let left = tries; left > 0; left -= 1) {
    const found = await look();
    if (found) return found;
    await sleep(100);
  }
  throw new Error(`never seen: ${what}`);
}

export async function startOffice(binary) {
  const work = mkdtempSync(join(tmpdir(), "frontoffice-browser-"));
  const model = await startModel();
  const said = join(work, "said");
  const out = openSync(said, "w");
  const env = {
    PATH: process.env.PATH,
    FRONTOFFICE_LISTEN: "127.0.0.1:0",
    FRONTOFFICE_DATA_DIR: join(work, "data"),
    FRONTOFFICE_OWNER_PASSWORD: PASSWORD,
    FRONTOFFICE_MODEL: "test-model",
    OPENAI_BASE_URL: model.url,
    FRONTOFFICE_LOG: "warn",
    // All visitors of the tests come from one address.
    FRONTOFFICE_LIMITS__ADDRESS_MESSAGES_PER_MINUTE: "6000",
    FRONTOFFICE_LIMITS__VISITOR_CREDITS_PER_DAY: "100000",
  };
  const server = spawn(binary, [], { cwd: work, env, stdio: ["ignore", out, out] });
  closeSync(out);
  let isOver = false;
  server.on("exit", (code) => {
    if (!isOver) console.error(`the front office ended (${code})\n${readFileSync(said, "utf8")}`);
  });
  const stop = () => {
    isOver = true;
    server.kill("SIGTERM");
    model.stop();
    return new Promise((done) => server.once("exit", done)).then(() => rmSync(work, { recursive: true, force: true }));
  };
  process.on("exit", () => server.kill("SIGKILL"));
  const block = await eventually("the front office", () => {
    const text = readFileSync(said, "utf8");
    return text.includes("Stop it") && text;
  }, 300);
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(block)[0];

  async function post(path, body, token) {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    return (await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
  }
  async function asked(token, query, variables) {
    const answer = await post("/graphql", { query, variables }, token);
    if (answer.errors || !answer.data) throw new Error(`${query}: ${JSON.stringify(answer)}`);
    return answer.data;
  }
  const change = async (token, name, input, wanted = "") => {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`;
    const data = await asked(token, `mutation($input: ${type}) { ${name}(input: $input) { ${wanted} userErrors { code message field } } }`, { input });
    if (data[name].userErrors.length > 0) throw new Error(`${name}: ${JSON.stringify(data[name].userErrors)}`);
    return data[name];
  };

  const staff = (await post("/api/auth/login", { email: "owner@localhost", password: PASSWORD })).access_token;
  const letters = join(work, "data/mail");

  /** A business with an owner, and a widget that is good on these origins. */
  async function business(name, origins) {
    const slug = name.toLowerCase().replace(/\W+/g, "-");
    const { tenant } = await change(staff, "tenantCreate", { name, slug, plan: "pro", ownerEmail: `ann@${slug}.example` }, "tenant { id uuid }");
    const text = await eventually("the letter", () => {
      try {
        const all = readdirSync(letters).map((one) => readFileSync(join(letters, one), "utf8"));
        return all.find((one) => one.includes(`ann@${slug}.example`))?.replace(/=\r?\n/g, "").replace(/=3D/g, "=");
      } catch {
        return null;
      }
    });
    const token = /#token=([\w.~-]+)/.exec(text)[1];
    await change(null, "invitationAccept", { token, password: PASSWORD, name: "Ann Fisher" }, "accepted");
    const owner = (await post("/api/customers/auth/login", { email: `ann@${slug}.example`, password: PASSWORD, tenant: slug })).access_token;
    const { viewer } = await asked(owner, "{ viewer { tenant { uuid defaultPersona { id } widgetKeys { nodes { id key } } } } }");
    const key = viewer.tenant.widgetKeys.nodes[0];
    let secret;
    await change(owner, "personaUpdate", { persona: viewer.tenant.defaultPersona.id, grounding: "OPEN", name: "Ada" });
    // What makes every question of the tests one that can be answered.
    const { entry } = await change(owner, "knowledgeEntryCreate", { title: "Opening hours of the shop", text: "The shop opens at nine and closes at six." }, "entry { id }");
    await change(owner, "knowledgeEntryApprove", { entry: entry.id });
    await change(owner, "widgetKeyUpdate", { widgetKey: key.id, origins });
    return {
      id: tenant.id,
      uuid: tenant.uuid,
      key: key.key,
      change: (mutation, input, wanted) => change(owner, mutation, input, wanted),
      ask: (query, variables) => asked(owner, query, variables),
      /** Changes the look of its widget. */
      look: (look) => change(owner, "widgetLookUpdate", look),
      requireIdentity: () => change(owner, "widgetIdentityUpdate", { required: true }),
      /** What its server says of who somebody is. */
      async jwt(claims) {
        secret ??= (await change(owner, "widgetIdentitySecretRotate", {}, "secret")).secret;
        return jwt(secret, claims);
      },
      /** The newest conversation of its widget. */
      async newest() {
        const wanted = "{ viewer { tenant { conversations(first: 1, orderBy: CREATED) { nodes { id state } } } } }";
        const { viewer } = await asked(owner, wanted);
        return viewer.tenant.conversations.nodes[0];
      },
    };
  }
  return { url, model, business, stop, log: () => readFileSync(said, "utf8") };
}

/** A token with which a business' own server says who somebody is. */
function jwt(secret, claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}
