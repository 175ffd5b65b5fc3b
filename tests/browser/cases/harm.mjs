// Those who mean harm: answers that want to be more than text, and pages that want to read what is not theirs.
import assert from "node:assert/strict";

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<img src='EVIL/img'>",
  "<svg onload=alert(1)>",
  "<svg><script>alert(1)</script></svg>",
  "<iframe src='EVIL/frame'></iframe>",
  "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
  "<object data='EVIL/object'></object>",
  "<embed src='EVIL/embed'>",
  "<link rel=stylesheet href='EVIL/css'>",
  "<style>@import 'EVIL/style';</style>",
  "<base href='EVIL/'>",
  "<meta http-equiv=refresh content='0;url=EVIL/meta'>",
  "<form action='EVIL/form'><input autofocus onfocus=alert(1)>",
  "<details open ontoggle=alert(1)>x</details>",
  "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
  "<a href='javascript:alert(1)'>x</a>",
  "<video><source onerror=alert(1) src='EVIL/video'>",
  "<audio src='EVIL/audio' autoplay>",
  "<body onload=alert(1)>",
  "![x](EVIL/markdown-image)",
  "![x](javascript:alert(1))",
  "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x]( javascript:alert(1))",
  "[x](java\nscript:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](\u0001javascript:alert(1))",
  "[x](vbscript:alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
  "[x](blob:EVIL/abc)",
  "[x](file:///etc/passwd)",
  "[x](//evil.test)",
  "[x](&#106;avascript:alert(1))",
  "[x](https://shop.example\" onclick=\"alert(1))",
  "[x](https://shop.example 'onmouseover=alert(1)')",
  "[![x](javascript:alert(1))](javascript:alert(2))",
  "<javascript:alert(1)>",
  "<https://shop.example/\"onmouseover=\"alert(1)>",
  "`<img src=x onerror=alert(1)>`",
  "```html\n<script>alert(1)</script>\n```",
  "```\"><img src=x onerror=alert(1)>\ncode",
  "> <script>alert(1)</script>\n> > > > > > > > > > > <b>deep",
  "- <img src=x onerror=alert(1)>\n  - <svg onload=alert(1)>",
  "# <img src=x onerror=alert(1)>",
  "**<img src=x onerror=alert(1)>** _<svg onload=alert(1)>_",
  "{{constructor.constructor('alert(1)')()}} ${alert(1)}",
  "\u202e<script>alert(1)</script>",
  "[".repeat(3000),
  "*".repeat(3000),
  "**a ".repeat(1500),
  ">".repeat(2000),
  "`".repeat(2999),
  "((((((((((".repeat(300),
  "[a](".repeat(1000),
  "- ".repeat(1500),
];

const READ = ["conversation/events", "conversation/history", "turns/01a20401-0000-7000-8000-000000000000/events"];
const WRITE = ["session", "chat", "conversation/handoff", "conversation/rating", "conversation/contact", "conversation/identify", "turns/01a20401-0000-7000-8000-000000000000/stop"];

export default {
  async "nothing of an answer is run, loaded or followed"(t) {
    const page = await t.visit();
    await page.evaluate(() => {
      window.alert = () => (window.harmed = true);
    });
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("dialog", (dialog) => asked.push(`dialog ${dialog.message()}`));
    const texts = HOSTILE.map((text) => text.replaceAll("EVIL", t.evil.origin));
    const cors = { "access-control-allow-origin": t.shop.origin, "access-control-allow-headers": "*" };
    await page.route("**/conversation/history*", (route) => {
      const messages = texts.map((text, at) => ({
        message_id: `m${at}`,
        sequence: at + 1,
        role: ["assistant", "agent", "system", "visitor"][at % 7 === 6 ? (at % 3) + 1 : 0],
        text,
        status: "answered",
        persona: { name: text.slice(0, 60) },
        agent: { name: text.slice(0, 60) },
        sources: [{ title: text.slice(0, 200), url: text.slice(0, 200) }, { title: "x", url: "javascript:alert(1)" }],
        created_at: "2026-12-01T00:00:00Z",
      }));
      return route.fulfill({ headers: { ...cors, "content-type": "application/json" }, body: JSON.stringify({ session_id: "s", state: "AI", messages: messages.reverse() }) });
    });
    await page.route("**/conversation/events*", (route) =>
      route.fulfill({ headers: { ...cors, "content-type": "text/event-stream" }, body: `event: state\ndata: ${JSON.stringify({ session_id: "s", state: "AI", overdue: false, turn: null })}\n\n` }),
    );
    await page.evaluate((tenant) => localStorage.setItem(`frontoffice:${tenant}::session`, "s"), t.fish.uuid);
    const begun = Date.now();
    await page.locator(".launcher").click();
    await eventuallyCount(page, texts.length);
    assert.ok(Date.now() - begun < 5_000, "and it takes no time");
    await page.waitForTimeout(500);
    const found = await page.evaluate(() => {
      const root = document.querySelector("[data-frontoffice]").shadowRoot;
      const names = [...new Set([...root.querySelectorAll(".log *")].map((one) => one.localName))].sort();
      const links = [...root.querySelectorAll("a")].map((one) => one.protocol);
      const handlers = [...root.querySelectorAll(".log *")].flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on") || name === "style" || name === "src");
      return { names, links: [...new Set(links)], handlers, harmed: !!window.harmed };
    });
    assert.deepEqual([found.harmed, found.handlers], [false, []]);
    assert.deepEqual(found.links.filter((protocol) => !["http:", "https:", "mailto:"].includes(protocol)), []);
    const fine = ["a", "blockquote", "br", "button", "code", "div", "em", "li", "ol", "p", "path", "pre", "strong", "sup", "svg", "ul", "i"];
    assert.deepEqual(found.names.filter((name) => !fine.includes(name)), []);
    assert.deepEqual(asked.filter((url) => !url.startsWith(t.office.url) && !url.startsWith(t.shop.origin)), []);
    assert.deepEqual(t.evil.hits, []);
  },

  async "another origin reads nothing and changes nothing"(t) {
    const business = await t.office.business("Prey", [t.shop.origin]);
    const page = await t.chat({ business });
    await t.ask(page, "private matters");
    await t.answer(page, "private matters");
    const token = await page.evaluate((tenant) => localStorage.getItem(`frontoffice:${tenant}::token`), business.uuid);
    assert.ok(token);
    const seen = "{ viewer { tenant { conversations(first: 50) { nodes { id state contactEmail rating messages(first: 50) { nodes { text } } } } } } }";
    const before = JSON.stringify(await business.ask(seen));
    // It has even got hold of the key and the visitor's token; only its origin is another.
    for (const origin of [t.shop.local, t.evil.origin]) {
      const base = `${t.office.url}/api/widget`;
      const thief = await (await t.context()).newPage();
      await thief.goto(`${origin}${(origin === t.evil.origin ? t.evil : t.shop).page("evil")}`);
      const read = await thief.evaluate(
        async ({ base, READ, WRITE, key, token, host, uuid }) => {
          const out = [];
          const headers = { "x-widget-key": key, authorization: `Bearer ${token}` };
          const urls = [...READ.map((path) => [`${base}/${path}`, "GET"]), ...WRITE.map((path) => [`${base}/${path}`, "POST"]), [`${host}/widget/${uuid}/session`, "POST"]];
          const body = JSON.stringify({ message: "evil", email: "evil@example.com", rating: "down", token: "x" });
          for (const [url, method] of urls) {
            for (const how of [
              { headers: { ...headers, ...(method === "POST" && { "content-type": "application/json" }) } },
              { credentials: "include", headers },
              { mode: "no-cors" },
              { mode: "no-cors", credentials: "include", ...(method === "POST" && { headers: { "content-type": "text/plain" } }) },
              {},
            ]) {
              try {
                const response = await fetch(url, { method, ...how, ...(method === "POST" && { body }), signal: AbortSignal.timeout(3_000) });
                const text = response.type === "opaque" ? "" : await response.text();
                if (text) out.push(`${method} ${url} ${JSON.stringify(how)}: ${response.status} ${text.slice(0, 100)}`);
              } catch {}
            }
            if (method === "POST") navigator.sendBeacon(url, new Blob([body], { type: "text/plain" }));
            // As an image, a frame, a script.
            for (const name of ["img", "script", "iframe"]) {
              const node = document.createElement(name);
              const answered = new Promise((done) => {
                node.onload = () => done(name === "img" && node.naturalWidth > 0 ? `${name} ${url}` : "");
                node.onerror = () => done("");
                setTimeout(() => done(""), 700);
              });
              node.src = url;
              document.body.append(node);
              const loaded = await answered;
              if (loaded) out.push(loaded);
              if (name === "iframe") {
                try {
                  if (node.contentDocument?.body?.textContent) out.push(`frame ${url}`);
                } catch {}
              }
              node.remove();
            }
          }
          await new Promise((done) => {
            const socket = new WebSocket(`${base.replace("http", "ws")}/conversation/events`);
            socket.onopen = () => (out.push("a socket"), done());
            socket.onerror = done;
          });
          return out;
        },
        { base, READ, WRITE, key: business.key, token, host: t.office.url, uuid: business.uuid },
      );
      assert.deepEqual(read, []);
      // A form that is sent as a page would.
      for (const enctype of ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"]) {
        await thief.setContent(`<form method=post enctype="${enctype}" action="${base}/chat"><input name='{"message":"evil","x":"' value='"}'></form>`);
        await Promise.all([thief.waitForNavigation().catch(() => {}), thief.evaluate(() => document.forms[0].submit())]);
        assert.match(await thief.evaluate(() => document.body.textContent), /widget_key_missing|origin_not_allowed/);
        await thief.goBack().catch(() => {});
      }
    }
    assert.equal(JSON.stringify(await business.ask(seen)), before);
  },
};

async function eventuallyCount(page, count) {
  await page.waitForFunction((count) => document.querySelector("[data-frontoffice]").shadowRoot.querySelectorAll(".lines > *").length >= count, count);
}
