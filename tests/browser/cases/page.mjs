// The widget as a guest on a page: what it asks for, leaves behind and survives.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { gate } from "../harness/model.mjs";
import { eventually } from "../harness/office.mjs";

const file = join(dirname(fileURLToPath(import.meta.url)), "../../../api/widget/dist/widget.js");
const hosts = (page) => page.locator("[data-frontoffice]").count();
const kept = (page) => page.evaluate(() => [Object.keys(localStorage).length, Object.keys(sessionStorage).length]);

export default {
  async "the script is small"() {
    const size = gzipSync(readFileSync(file), { level: 9 }).length;
    assert.ok(size <= 12_288, `${size} bytes`);
  },

  async "before it is opened: one request, no cookie, no storage, no call"(t) {
    const context = await t.context();
    await context.addInitScript(() => {
      window.touched = [];
      for (const name of ["getItem", "setItem", "removeItem"]) {
        const real = Storage.prototype[name];
        Storage.prototype[name] = function (...values) {
          window.touched.push(name);
          return real.apply(this, values);
        };
      }
    });
    const asked = [];
    context.on("request", (request) => asked.push(request.url()));
    const page = await t.visit({ context });
    await page.waitForTimeout(500);
    const ours = asked.filter((url) => url.startsWith(t.office.url));
    assert.deepEqual(ours, [`${t.office.url}/widget/${t.fish.uuid}/widget.js`]);
    assert.deepEqual(await page.evaluate(() => window.touched), []);
    assert.deepEqual([await context.cookies(), await kept(page)], [[], [0, 0]]);
    await t.picture(page, "launcher");
    await page.locator(".launcher").click();
    await page.locator("textarea").waitFor();
    assert.ok(asked.some((url) => url.endsWith("/session")));
    assert.deepEqual(await context.cookies(), [], "and none later");
  },

  async "a strict policy with trusted types does not mind it"(t) {
    const { url } = t.office;
    const policy = `default-src 'none'; script-src ${url}; connect-src ${url}; style-src 'none'; require-trusted-types-for 'script'`;
    t.office.model.on("strictly", "**Bold** `code`\n\n1. one\n2. two\n\n> quoted\n\n```\nlet x;\n```\n\n<b>not bold</b> [link](https://shop.example)");
    const page = await t.visit({ headers: { "content-security-policy": policy } });
    await page.locator(".launcher").click();
    await page.locator("textarea").waitFor();
    await t.ask(page, "strictly");
    await t.answer(page, "Bold");
    assert.equal(await page.locator(".bubble b").count(), 0);
    assert.ok((await page.locator(".panel").boundingBox()).width > 300, "it has its looks");
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("[data-frontoffice]").shadowRoot.querySelector("header")).backgroundColor), "rgb(29, 78, 216)");
    await t.picture(page, "markdown");
  },

  async "commands wait for the script, and work afterwards"(t) {
    const tag = t.tag();
    const page = await t.visit({
      html: `<script>window.told = []; window.frontoffice = window.frontoffice || [];
        frontoffice.push(["on", "ready", () => told.push("ready")], ["on", "open", () => told.push("open")], ["on", "close", () => told.push("close")], ["open"]);</script>${tag}`,
    });
    await page.locator("textarea").waitFor();
    await page.evaluate(() => {
      window.frontoffice.close();
      window.frontoffice.toggle();
      window.frontoffice.push(["toggle"]);
    });
    await eventually("all told", async () => (await page.evaluate(() => window.told.join())) === "ready,open,close,open,close");
    await page.evaluate(() => window.frontoffice.theme("dark"));
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("[data-frontoffice]")).colorScheme), "dark");
    await page.evaluate(() => {
      window.frontoffice.on("message", ({ role, text }) => window.told.push(`${role}: ${text}`));
      window.frontoffice.open();
      window.frontoffice.locale("de");
    });
    await page.locator("textarea[placeholder^='Nachricht']").waitFor();
    await t.ask(page, "commanded");
    await t.answer(page, "commanded");
    await eventually("the message", () => page.evaluate(() => window.told.some((one) => one.startsWith("assistant: You asked: commanded"))));
    await page.evaluate(() => window.frontoffice.push(["nonsense"]));
    t.expect(/there is no `nonsense`/);
  },

  async "it is there once, in the head, loaded twice, and after the body was swapped"(t) {
    const tag = t.tag().replace(" async", "");
    const page = await t.visit({ html: `<!doctype html><html lang="en"><head><title>A shop</title>${tag}${tag}</head><body><main><h1>A shop</h1>${tag}</main></body></html>` });
    await page.waitForTimeout(200);
    assert.equal(await hosts(page), 1);
    await page.evaluate(() => window.frontoffice.open());
    await page.locator("textarea").fill("a thought");
    // As single-page apps do: a body of their own, or other children of it.
    await page.evaluate(() => {
      const body = document.createElement("body");
      body.innerHTML = "<main><h1>Another page</h1></main>";
      document.documentElement.replaceChild(body, document.body);
    });
    await eventually("it is back", async () => (await hosts(page)) === 1 && (await page.locator("textarea").inputValue()) === "a thought");
    await page.evaluate(() => (document.body.innerHTML = "<main><h1>A third</h1></main>"));
    await eventually("it is back again", async () => (await hosts(page)) === 1);
    await t.ask(page, "swapped");
    await t.answer(page, "swapped");
    assert.equal(await hosts(page), 1);
  },

  async "fifty times made and destroyed it leaves nothing"(t) {
    const context = await t.context();
    await context.addInitScript(() => {
      // Counts what stays behind: listeners on what outlives it, timers, observers.
      window.left = { listeners: 0, timers: new Set(), observers: 0 };
      for (const target of [Window.prototype, Document.prototype, MediaQueryList.prototype]) {
        target.addEventListener = function (name, hear, options) {
          window.left.listeners += 1;
          options?.signal?.addEventListener("abort", () => (window.left.listeners -= 1));
          return EventTarget.prototype.addEventListener.call(this, name, hear, options);
        };
      }
      for (const kind of ["Timeout", "Interval"]) {
        const [set, clear] = [window[`set${kind}`], window[`clear${kind}`]];
        window[`set${kind}`] = (act, ms, ...rest) => {
          const id = set(() => (kind === "Timeout" && window.left.timers.delete(id), act()), ms, ...rest);
          window.left.timers.add(id);
          return id;
        };
        window[`clear${kind}`] = (id) => (window.left.timers.delete(id), clear(id));
      }
      const { observe, disconnect } = MutationObserver.prototype;
      const watching = new Set();
      MutationObserver.prototype.observe = function (...how) {
        watching.add(this);
        window.left.observers = watching.size;
        return observe.apply(this, how);
      };
      MutationObserver.prototype.disconnect = function () {
        watching.delete(this);
        window.left.observers = watching.size;
        return disconnect.call(this);
      };
    });
    const page = await t.chat({ context });
    await t.ask(page, "before the end");
    await t.answer(page, "before the end");
    const src = `${t.office.url}/widget/${t.fish.uuid}/widget.js`;
    const session = await context.newCDPSession(page);
    const measure = async () => {
      await session.send("HeapProfiler.collectGarbage");
      const { nodes, jsEventListeners, documents } = await session.send("Memory.getDOMCounters");
      return { nodes, jsEventListeners, documents };
    };
    const round = () =>
      page.evaluate(async (src) => {
        window.frontoffice.open();
        await new Promise((done) => setTimeout(done, 20));
        window.frontoffice.destroy();
        if (window.frontoffice || document.querySelector("[data-frontoffice]")) throw new Error("it is still there");
        const script = document.createElement("script");
        script.src = src;
        await new Promise((done) => ((script.onload = done), document.head.append(script)));
        script.remove();
      }, src);
    for (let times = 0; times < 5; times += 1) await round();
    const before = await measure();
    for (let times = 0; times < 45; times += 1) await round();
    await page.evaluate(() => window.frontoffice.destroy());
    await page.waitForTimeout(300);
    const left = await page.evaluate(() => ({ listeners: window.left.listeners, timers: window.left.timers.size, observers: window.left.observers }));
    assert.deepEqual(left, { listeners: 0, timers: 0, observers: 0 });
    // What one of them left would be there forty-five times.
    await eventually("as little as before", async () => {
      const after = await measure();
      return after.nodes <= before.nodes + 100 && after.jsEventListeners <= before.jsEventListeners + 20;
    });
    t.expect(/429/);
  },

  async "what may be kept is kept, and no more; wiping erases it"(t) {
    for (const [consent, expected] of [["none", [false, false]], ["session", [false, true]], ["local", [true, true]]]) {
      const page = await t.chat({ attributes: `data-consent="${consent}"` });
      await t.ask(page, `kept ${consent}`);
      await t.answer(page, `kept ${consent}`);
      await page.locator("textarea").fill("a draft");
      assert.deepEqual((await kept(page)).map((count) => count > 0), expected, consent);
      await page.reload();
      await page.locator(".launcher").click();
      await page.locator("textarea").waitFor();
      if (consent === "none") assert.equal(await page.locator(".mine").count(), 0);
      else await page.locator(".mine .bubble", { hasText: `kept ${consent}` }).waitFor();
      assert.equal(await page.locator("textarea").inputValue(), consent === "none" ? "" : "a draft");
      await page.evaluate(() => window.frontoffice.wipe());
      await eventually("forgotten", async () => (await page.locator(".mine").count()) === 0);
      await page.evaluate(() => window.frontoffice.consent("none"));
      await eventually("erased", async () => (await kept(page)).every((count) => count === 0));
    }
  },

  async "consent given later keeps what was said before, and the business decides how much"(t) {
    const page = await t.chat({ attributes: 'data-consent="none"' });
    await t.ask(page, "before consent");
    await t.answer(page, "before consent");
    assert.deepEqual(await kept(page), [0, 0]);
    await page.evaluate(() => window.frontoffice.consent("local"));
    assert.ok((await kept(page))[0] > 0);
    await page.reload();
    await page.evaluate(() => window.frontoffice.consent("local"));
    await page.locator(".launcher").click();
    await page.locator(".mine .bubble", { hasText: "before consent" }).waitFor();
    const shy = await t.office.business("Shy", [t.shop.origin]);
    await shy.look({ consent: "SESSION" });
    const other = await t.chat({ business: shy });
    await t.ask(other, "for a while");
    await t.answer(other, "for a while");
    const [local, session] = await kept(other);
    assert.deepEqual([local, session > 0], [0, true]);
  },

  async "a page that follows opens it again if the tag says so"(t) {
    const page = await t.chat({ attributes: "data-reopen" });
    await page.goto(`${t.shop.origin}${t.shop.page(t.tag(t.fish, "data-reopen"))}`);
    await page.locator("textarea").waitFor();
    await page.keyboard.press("Escape");
    await page.reload();
    await page.locator(".launcher").waitFor();
    await page.waitForTimeout(300);
    assert.equal(await page.locator(".panel").isVisible(), false);
  },

  async "two tabs: one listens, both know, and the one in use is it"(t) {
    const context = await t.context();
    const path = t.shop.page(t.tag());
    const one = await t.chat({ context, path });
    await t.ask(one, "from the first tab");
    await t.answer(one, "from the first tab");
    const two = await t.chat({ context, path });
    await two.locator(".mine .bubble", { hasText: "from the first tab" }).waitFor();
    const door = gate();
    t.office.model.on("from the second tab", "Slowly. And", door, " at last.");
    const open = new Set();
    for (const page of [one, two]) {
      page.on("request", (request) => /events|chat$/.test(request.url()) && request.headers().accept === "text/event-stream" && open.add(request));
      for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => open.delete(request));
    }
    await t.ask(two, "from the second tab");
    await two.waitForTimeout(1_000);
    assert.equal(open.size, 1, "live streams");
    door.open();
    await t.answer(two, "at last.");
    await one.locator(".bubble", { hasText: "at last." }).waitFor();
    await t.ask(one, "and back");
    await t.answer(one, "and back");
    await two.locator(".mine .bubble", { hasText: "and back" }).waitFor();
    assert.ok(open.size <= 1, `${open.size} live streams`);
  },

  async "a closed window listens to nothing"(t) {
    const page = await t.chat();
    const open = new Set();
    page.on("request", (request) => request.headers().accept === "text/event-stream" && open.add(request));
    for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => open.delete(request));
    await t.ask(page, "quietly");
    await t.answer(page, "quietly");
    await eventually("it listens", () => open.size === 1);
    await page.keyboard.press("Escape");
    await eventually("it listens no more", () => open.size === 0);
  },

  async "who is identified sees their own conversation, on every browser, and nobody else's"(t) {
    const business = await t.office.business("Known", [t.shop.origin]);
    const word = (sub) => business.jwt({ sub, aud: business.uuid, exp: Math.floor(Date.now() / 1000) + 600 });
    const page = await t.chat({ business });
    await t.ask(page, "as a stranger");
    await t.answer(page, "as a stranger");
    await page.evaluate(() => {
      window.told = [];
      window.frontoffice.on("identified", () => window.told.push("identified"));
      window.frontoffice.on("error", ({ code }) => window.told.push(code));
    });
    await page.evaluate((jwt) => window.frontoffice.identify(jwt), await word("ann"));
    await eventually("identified", () => page.evaluate(() => window.told.includes("identified")));
    await eventually("the stranger's is gone", async () => (await page.locator(".mine").count()) === 0);
    await t.ask(page, "as Ann");
    await t.answer(page, "as Ann");
    // The host knows them no longer when the token is renewed, as it does a day after its end.
    const lapsed = await t.visit({ business });
    await lapsed.evaluate((jwt) => window.frontoffice.identify(jwt), await word("ann"));
    await lapsed.locator(".launcher").click();
    await lapsed.locator(".mine .bubble", { hasText: "as Ann" }).waitFor();
    await lapsed.route(/\/(session|handoff)$/, async (route) => {
      if (route.request().method() === "OPTIONS") return route.continue();
      const { authorization, ...headers } = await route.request().allHeaders();
      if (route.request().url().endsWith("handoff") && authorization.includes("fo_wi_")) {
        return route.fulfill({ status: 401, headers: { "access-control-allow-origin": t.shop.origin, "content-type": "application/problem+json" }, body: JSON.stringify({ status: 401, code: "visitor_token_invalid" }) });
      }
      return route.continue({ headers: route.request().url().endsWith("handoff") ? { ...headers, authorization } : headers });
    });
    await lapsed.getByRole("button", { name: "Talk to a person" }).click();
    await eventually("nothing of hers is seen", async () => (await lapsed.locator(".mine").count()) === 0);
    // The same person elsewhere.
    const other = await t.visit({ business });
    await other.evaluate((jwt) => window.frontoffice.identify(jwt), await word("ann"));
    await other.locator(".launcher").click();
    await other.locator(".mine .bubble", { hasText: "as Ann" }).waitFor();
    // Nobody in particular, later, in the same browser.
    await page.reload();
    await page.locator(".launcher").click();
    await page.locator(".mine .bubble", { hasText: "as a stranger" }).waitFor();
    assert.equal(await page.locator(".mine .bubble", { hasText: "as Ann" }).count(), 0);
    // A word that is none.
    await page.evaluate(() => {
      window.told = [];
      window.frontoffice.on("error", ({ code }) => window.told.push(code));
      window.frontoffice.identify("e30.e30.AAAA");
    });
    await eventually("refused", () => page.evaluate(() => window.told.includes("identity_invalid")));
    await page.locator("textarea").waitFor();
    t.expect(/401|404/);
  },

  async "who is named while the chat is just opening is known from the beginning"(t) {
    const business = await t.office.business("Quick", [t.shop.origin]);
    const jwt = await business.jwt({ sub: "cas", aud: business.uuid, exp: Math.floor(Date.now() / 1000) + 600 });
    const page = await t.visit({ business });
    await page.evaluate((jwt) => {
      window.told = [];
      window.frontoffice.on("identified", () => window.told.push("identified"));
      window.frontoffice.on("error", ({ code }) => window.told.push(code));
      window.frontoffice.open();
      window.frontoffice.identify(jwt);
    }, jwt);
    await page.locator("textarea").waitFor();
    await t.ask(page, "as Cas");
    await t.answer(page, "as Cas");
    assert.deepEqual(await page.evaluate(() => window.told), ["identified"]);
    const { viewer } = await business.ask("{ viewer { tenant { conversations(first: 5) { nodes { visitor { verifiedAt } } } } } }");
    const [first, ...others] = viewer.tenant.conversations.nodes;
    assert.ok(first.visitor.verifiedAt && others.length === 0);
    t.expect(/404/);
  },

  async "a business that wants to know who writes says so instead of a field"(t) {
    const business = await t.office.business("Strict", [t.shop.origin]);
    const jwt = await business.jwt({ sub: "bea", aud: business.uuid, exp: Math.floor(Date.now() / 1000) + 600 });
    await business.requireIdentity();
    const page = await t.visit({ business });
    await page.locator(".launcher").click();
    await page.locator(".middle", { hasText: "Please sign in on this website" }).waitFor();
    assert.equal(await page.locator("textarea").count(), 0);
    await t.picture(page, "identify");
    await page.evaluate((jwt) => window.frontoffice.identify(jwt), jwt);
    await page.locator("textarea").waitFor();
    await t.ask(page, "as Bea");
    await t.answer(page, "as Bea");
    t.expect(/403|404/);
  },

  async "a token that is over is changed for another of the same visitor"(t) {
    const page = await t.chat();
    await t.ask(page, "before the token ends");
    await t.answer(page, "before the token ends");
    let refused = 0;
    await page.route("**/api/widget/chat", (route) => {
      if (route.request().method() === "OPTIONS" || refused > 0) return route.continue();
      refused += 1;
      const headers = { "access-control-allow-origin": t.shop.origin, "content-type": "application/problem+json" };
      return route.fulfill({ status: 401, headers, body: JSON.stringify({ status: 401, code: "visitor_token_invalid", detail: "Over." }) });
    });
    const renewed = page.waitForRequest((request) => /\/session$/.test(request.url()) && request.method() === "POST");
    await t.ask(page, "after the token ended");
    assert.match((await renewed).headers().authorization ?? "", /^Bearer fo_wv_/);
    await t.answer(page, "after the token ended");
    assert.equal(await page.locator(".mine").count(), 2);
    t.expect(/401/);
  },

  async "a token is renewed before it ends"(t) {
    const page = t.listen(await (await t.context()).newPage());
    await page.clock.install();
    await page.goto(`${t.shop.origin}${t.shop.page(t.tag())}`);
    await page.locator(".launcher").click();
    await page.locator("textarea").waitFor();
    const renewed = page.waitForRequest((request) => /\/session$/.test(request.url()) && request.method() === "POST");
    await page.clock.fastForward(3_540_000);
    assert.match((await renewed).headers().authorization, /^Bearer fo_wv_/);
  },

  async "browsers that forbid storage, or know no locks, can chat"(t) {
    const context = await t.context();
    await context.addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage"]) {
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException("No.", "SecurityError");
          },
        });
      }
      Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
    });
    const page = await t.chat({ context, attributes: "data-reopen" });
    await t.ask(page, "without anything");
    await t.answer(page, "without anything");
    await page.evaluate(() => window.frontoffice.consent("session"));
    await page.evaluate(() => window.frontoffice.wipe());
    await eventually("forgotten", async () => (await page.locator(".mine").count()) === 0);
  },

  async "a page's own styles and faults do not reach it"(t) {
    const page = await t.visit({
      html: `<style>* { font-size: 40px !important; color: red !important; display: inline !important } div { position: static !important }</style>
        <script>window.frontoffice = window.frontoffice || []; frontoffice.push(["on", "open", () => { throw new Error("the page's own") }])</script>${t.tag()}`,
    });
    await page.locator(".launcher").click();
    await page.locator("textarea").waitFor();
    const { size, color, box } = await page.evaluate(() => {
      const text = document.querySelector("[data-frontoffice]").shadowRoot.querySelector(".bubble p");
      return { size: getComputedStyle(text).fontSize, color: getComputedStyle(text).color, box: document.querySelector("[data-frontoffice]").shadowRoot.querySelector(".panel").getBoundingClientRect().width };
    });
    assert.deepEqual([size, color, box], ["15px", "rgb(23, 32, 46)", 400]);
    await t.ask(page, "undisturbed");
    await t.answer(page, "undisturbed");
    t.expect(/the page's own/);
  },

  async "a host that cannot be reached is said so, and tried again"(t) {
    const page = await t.visit();
    await page.route("**/session", (route) => route.abort());
    await page.locator(".launcher").click();
    await page.locator(".middle", { hasText: "cannot be reached" }).waitFor();
    await t.picture(page, "unreachable");
    await page.unroute("**/session");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("textarea").waitFor();
    t.expect(/ERR_FAILED/);
  },

  async "an immutable tag runs these very bytes, an unknown tenant none"(t) {
    const bytes = readFileSync(file);
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    const sri = `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
    const src = `${t.office.url}/widget/${t.fish.uuid}/widget.${hash}.js`;
    const page = await t.visit({ html: `<script src="${src}" integrity="${sri}" crossorigin="anonymous" async data-color="#065f46" data-launcher="bar" data-label="Ask us"></script>` });
    await page.locator(".launcher", { hasText: "Ask us" }).waitFor();
    await t.picture(page, "bar");
    await page.locator(".launcher").click();
    await page.locator("textarea").waitFor();
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("[data-frontoffice]").shadowRoot.querySelector("header")).backgroundColor), "rgb(6, 95, 70)");
    await t.picture(page, "green");
    const nobody = t.listen(await (await t.context()).newPage());
    await nobody.goto(`${t.shop.origin}${t.shop.page(t.tag({ uuid: "01a20401-0000-7000-8000-000000000000" }))}`);
    await nobody.waitForTimeout(500);
    assert.equal(await nobody.locator("[data-frontoffice]").count(), 0);
    assert.equal(t.said.length, 1, "it says why");
    t.expect(/.*/);
  },

  async "tags of former days work"(t) {
    const page = await t.visit({ html: `<script src="${t.office.url}/widget/loader.js" data-widget-key="${t.fish.key}" data-position="bottom-left"></script>` });
    assert.ok((await page.locator(".launcher").boundingBox()).x < 100);
    await page.locator(".launcher").click();
    await page.locator("textarea").waitFor();
    await t.ask(page, "formerly");
    await t.answer(page, "formerly");
  },
};
