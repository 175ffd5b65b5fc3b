// The widget in a real browser, web security on, against the real program. `npm ci && npm test -- PATH/TO/frontoffice [WORD…]`: only cases whose
// names hold a WORD. SCREENSHOTS names a folder for pictures of every state, CHROMIUM another browser than the system's.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startOffice } from "./harness/office.mjs";
import { startSite } from "./harness/site.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const binary = resolve(process.argv[2] ?? join(here, "../../target/debug/frontoffice"));
const words = process.argv.slice(3);
const pictures = process.env.SCREENSHOTS;
const AT_ONCE = 3;
const LONGEST = 45_000;

const office = await startOffice(binary);
const shop = await startSite();
const evil = await startSite();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const fish = await office.business("Fish", [shop.origin]);
if (pictures) mkdirSync(pictures, { recursive: true });

/** What a case has at hand: a browser of its own, and what went wrong in it. */
class Case {
  office = office;
  shop = shop;
  evil = evil;
  fish = fish;
  browser = browser;
  contexts = [];
  /** What the pages said in their consoles that nobody expected. */
  said = [];
  expected = [];

  tag(business = fish, attributes = "") {
    return `<script src="${office.url}/widget/${business.uuid}/widget.js" async ${attributes}></script>`;
  }

  /** A browser without a past. */
  async context(options = {}) {
    const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, locale: "en-GB", ...options });
    context.setDefaultTimeout(10_000);
    this.contexts.push(context);
    return context;
  }

  listen(page) {
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.said.push(message.text());
    });
    page.on("pageerror", (fault) => this.said.push(`${fault}`));
    return page;
  }

  /** A page with the widget on it. */
  async visit({ html = "", attributes = "", business = fish, headers = {}, context = undefined, options = {}, path = undefined } = {}) {
    const page = this.listen(await (context ?? (await this.context(options))).newPage());
    page.at = `${shop.origin}${path ?? shop.page(html || this.tag(business, attributes), headers)}`;
    await page.goto(page.at);
    await page.locator("[data-frontoffice] .launcher").waitFor({ state: "attached" });
    return page;
  }

  /** The same, opened and ready to be written in. */
  async chat(how = {}) {
    const page = await this.visit(how);
    await page.evaluate(() => window.frontoffice.open());
    await page.locator("[data-frontoffice] .composer textarea").waitFor();
    return page;
  }

  async say(page, text) {
    await page.locator(".composer textarea").fill(text);
    await page.keyboard.press("Enter");
  }

  /** A question that can be answered, of which the test knows a word. */
  ask(page, word) {
    return this.say(page, `${word}: what are the opening hours of the shop?`);
  }

  /** The answer that says this, in the end. */
  answer(page, text) {
    return page.locator(".lines .msg:not(.mine) .bubble", { hasText: text }).last().waitFor();
  }

  /** Says that this may be said in a console. */
  expect(...patterns) {
    this.expected.push(...patterns);
  }

  async picture(page, name) {
    if (!pictures) return;
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  async end() {
    for (const context of this.contexts) await context.close();
    const odd = this.said.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
    assert.deepEqual(odd, [], "said in the console");
  }
}

const cases = [];
for (const file of readdirSync(join(here, "cases")).sort()) {
  const { default: of } = await import(`./cases/${file}`);
  for (const [name, test] of Object.entries(of)) {
    if (words.length === 0 || words.some((word) => name.includes(word))) cases.push({ name, test });
  }
}

const begun = Date.now();
const faults = [];
const waiting = [...cases];
async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { name, test } = next;
    const it = new Case();
    const start = Date.now();
    let timer;
    try {
      await Promise.race([test(it), new Promise((_, fail) => (timer = setTimeout(() => fail(new Error("it hangs")), LONGEST)))]);
      await it.end();
      console.log(`ok    ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    } catch (fault) {
      if (pictures) for (const page of it.contexts.flatMap((context) => context.pages())) await it.picture(page, `fault-${name.slice(0, 30)}`).catch(() => {});
      await it.end().catch(() => {});
      faults.push(name);
      console.log(`FAULT ${name}\n${fault.stack}\n${it.said.length > 0 ? `said: ${it.said.join("\n      ")}\n` : ""}`);
    } finally {
      clearTimeout(timer);
    }
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
await browser.close();
shop.stop();
evil.stop();
await office.stop();
console.log(`${cases.length - faults.length} of ${cases.length} cases in ${((Date.now() - begun) / 1000).toFixed(0)} s`);
process.exit(faults.length > 0 ? 1 : 0);
