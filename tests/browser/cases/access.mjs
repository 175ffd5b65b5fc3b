// For everybody: by keyboard, read out, small, dark, moved little, from right to left.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gate } from "../harness/model.mjs";
import { eventually } from "../harness/office.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds fault with, best practices too. */
async function faults(page) {
  await page.waitForTimeout(350);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${JSON.stringify(target)} ${failureSummary}`).join("; ")}`);
}

const focused = (page) =>
  page.evaluate(() => {
    const inside = document.activeElement?.shadowRoot?.activeElement;
    return inside ? inside.getAttribute("aria-label") || inside.textContent.trim() || inside.className : document.activeElement?.id || document.activeElement?.localName;
  });

/** Every state there is, looked at by axe and, if wanted, by people. */
function states(name, options) {
  return async (t) => {
    const business = await t.office.business(`Look ${name}`, [t.shop.origin]);
    await business.look({ greeting: "Hello! Ask me about **opening hours**, orders or returns.", color: options.color ?? "#7c3aed" });
    const look = async (page, state) => {
      await t.picture(page, `${name}-${state}`);
      assert.deepEqual(await faults(page), [], state);
    };
    const context = await t.context(options.context);
    const page = await t.visit({ business, context, attributes: options.attributes });
    await look(page, "launcher");
    await page.locator(".launcher").click();
    await page.locator("textarea").waitFor();
    await look(page, "open");
    const [first, second] = [gate(), gate()];
    t.office.model.on(`${name} stream`, first, "We are open **every day**. The", second, " hours are:\n\n- Monday to Friday from nine to six\n- Saturday from ten to four\n\nSee [the page](https://shop.example/hours).");
    await t.say(page, `What are the opening hours of the shop (${name} stream)?`);
    await page.locator(".msg .dots").waitFor();
    await look(page, "typing");
    first.open();
    await page.locator(".bubble strong", { hasText: "every day" }).waitFor();
    await look(page, "streaming");
    second.open();
    await t.answer(page, "Saturday");
    await look(page, "answered");
    await page.context().setOffline(true);
    await t.say(page, "And on holidays?");
    await page.locator(".banner", { hasText: "offline" }).waitFor();
    await look(page, "offline");
    await page.route("**/api/widget/chat", (route) =>
      route.fulfill({ status: 422, headers: { "access-control-allow-origin": t.shop.origin, "content-type": "application/problem+json" }, body: JSON.stringify({ status: 422, code: "validation_failed" }) }),
    );
    await page.context().setOffline(false);
    await page.locator(".bad", { hasText: "Not sent" }).waitFor();
    await look(page, "error");
    await page.unroute("**/api/widget/chat");
    await page.getByRole("button", { name: "Talk to a person" }).first().click();
    await page.locator(".card").waitFor();
    await page.getByRole("button", { name: "Leave address" }).click();
    await page.locator(".card .bad:not(:empty)").waitFor();
    await look(page, "handoff");
    const { id } = await business.newest();
    await business.change("conversationReply", { conversation: id, text: "Hello, Ann here. On public holidays we are closed, with the exception of **King's Day**." });
    await t.answer(page, "Ann here");
    await look(page, "person");
    await business.change("conversationResolve", { conversation: id });
    await page.locator(".card", { hasText: "How was this" }).waitFor();
    await page.locator(".card").getByRole("button", { name: "Helpful", exact: true }).click();
    await page.locator("#why").waitFor();
    await look(page, "rating");
    t.expect(/422|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/);
  };
}

export default {
  "axe finds nothing in any state, in the light": states("light", {}),
  "axe finds nothing in any state, in the dark": states("dark", { context: { colorScheme: "dark" }, color: "#f59e0b" }),
  "axe finds nothing in any state, on 320 pixels": states("small", { context: { viewport: { width: 320, height: 568 } } }),
  "axe finds nothing in any state, dark, small and in high contrast": states("contrast", {
    context: { viewport: { width: 320, height: 640 }, contrast: "more", reducedMotion: "reduce" },
    attributes: 'data-theme="dark" data-launcher="bar"',
  }),

  async "a keyboard is enough"(t) {
    const page = await t.visit({ html: `<a href="#x" id="before">Before</a>${t.tag()}` });
    await page.locator("#before").focus();
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Chat with us");
    await page.keyboard.press("Enter");
    await page.locator("textarea").waitFor();
    await eventually("in the field", async () => (await focused(page)) === "Your message");
    await page.keyboard.type("keys: what are the opening hours of the shop?");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("Thank you");
    assert.match(await page.locator("textarea").inputValue(), /\nThank you$/);
    await page.keyboard.press("Enter");
    await t.answer(page, "keys");
    assert.equal(await focused(page), "Your message");
    const seen = [];
    for (let times = 0; times < 6; times += 1) {
      await page.keyboard.press("Shift+Tab");
      seen.push(await focused(page));
    }
    assert.deepEqual(seen, ["Not helpful", "Helpful", "Conversation", "Close chat", "Talk to a person", "Close chat"]);
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(page), "before", "no trap");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Escape");
    assert.equal(await focused(page), "Chat with us");
    assert.equal(await page.locator(".panel").isVisible(), false);
    await page.keyboard.press("Space");
    await eventually("in the field again", async () => (await focused(page)) === "Your message");
  },

  async "a page's own button gets the focus back"(t) {
    const page = await t.visit({ html: `<button id="own" onclick="frontoffice.open()">Help</button>${t.tag(t.fish, 'data-launcher="none"')}` });
    assert.equal(await page.locator(".launcher").isVisible(), false);
    await page.locator("#own").focus();
    await page.keyboard.press("Enter");
    await page.locator("textarea").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await focused(page), "own");
  },

  async "what is finished is read out, once, and not each word"(t) {
    const door = gate();
    t.office.model.on("aloud", "First part. Second", door, " part.");
    const page = await t.chat();
    await page.evaluate(() => {
      window.heard = [];
      const live = document.querySelector("[data-frontoffice]").shadowRoot.querySelector("[aria-live=polite]");
      new MutationObserver(() => window.heard.push(live.textContent)).observe(live, { childList: true, subtree: true, characterData: true });
    });
    await t.ask(page, "aloud");
    await page.locator(".bubble", { hasText: "First part" }).waitFor();
    assert.deepEqual(await page.evaluate(() => window.heard), []);
    door.open();
    await t.answer(page, "Second part.");
    await page.waitForTimeout(500);
    const heard = await page.evaluate(() => window.heard);
    assert.equal(heard.length, 1);
    assert.match(heard[0], /^Ada First part\. Second part\./);
    assert.equal(await page.locator("[role=log]").getAttribute("aria-live"), "off");
  },

  async "four hundred per cent: everything can be reached on 320 by 256 pixels"(t) {
    const page = await t.visit({ options: { viewport: { width: 320, height: 256 } } });
    await page.locator(".launcher").click();
    await page.locator("textarea").waitFor();
    await t.ask(page, "tiny");
    await t.answer(page, "tiny");
    await t.picture(page, "tiny");
    const inside = await page.evaluate(() => {
      const root = document.querySelector("[data-frontoffice]").shadowRoot;
      const fits = (one) => ((box) => box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth)(one.getBoundingClientRect());
      return [...root.querySelectorAll("header button, textarea, .go")].every(fits) && document.documentElement.scrollWidth <= innerWidth && root.querySelector(".log").clientHeight > 60;
    });
    assert.ok(inside);
  },

  async "a page that is read from the right has it on the left, and a session decides how the chat is read"(t) {
    const page = await t.visit({ html: `<!doctype html><html lang="ar" dir="rtl"><head><title>A shop</title></head><body><main><h1>A shop</h1></main>${t.tag()}</body></html>` });
    assert.ok((await page.locator(".launcher").boundingBox()).x < 100);
    await page.route("**/session", async (route) => {
      if (route.request().method() === "OPTIONS") return route.continue();
      const response = await route.fetch();
      return route.fulfill({ response, json: { ...(await response.json()), dir: "rtl" } });
    });
    await page.locator(".launcher").click();
    await page.locator("textarea").waitFor();
    await t.ask(page, "from the right");
    await t.answer(page, "from the right");
    // Both at one moment: a line is made anew when more is known of it.
    const [mine, theirs] = await page.evaluate(() => {
      const root = document.querySelector("[data-frontoffice]").shadowRoot;
      return [".mine .bubble", ".lines .msg:not(.mine) .bubble"].map((one) => root.querySelector(one).getBoundingClientRect().x);
    });
    assert.ok(mine < theirs, "mirrored");
    await t.picture(page, "rtl");
  },

  async "colours that are forced are kept to, and little moves where that is wished"(t) {
    const page = await t.chat({ options: { forcedColors: "active", reducedMotion: "reduce" } });
    await t.ask(page, "forced");
    await t.answer(page, "forced");
    await t.picture(page, "forced");
    const [border, moving] = await page.evaluate(() => {
      const root = document.querySelector("[data-frontoffice]").shadowRoot;
      return [getComputedStyle(root.querySelector(".bubble")).borderTopWidth, document.getAnimations().length];
    });
    assert.deepEqual([border, moving], ["1px", 0]);
  },

  async "every language has its words"(t) {
    for (const locale of ["nl", "de", "es", "it", "pl", "pt-BR", "ja", "fr"]) {
      const page = await t.visit({ attributes: `data-locale="${locale}"` });
      await page.locator(".launcher").click();
      await page.locator("textarea").waitFor();
      const words = await page.evaluate(() => {
        const root = document.querySelector("[data-frontoffice]").shadowRoot;
        const named = [...root.querySelectorAll("button, textarea, .log")].map((one) => one.getAttribute("aria-label"));
        return [...named, root.querySelector("textarea").placeholder, root.querySelector(".who p").textContent];
      });
      assert.ok(words.every(Boolean), JSON.stringify(words));
      assert.ok(!words.includes("Your message") && !words.includes("Send message"), `${locale}: ${words}`);
      if (["ja", "pl", "de"].includes(locale)) await t.picture(page, `words-${locale}`);
      await page.close();
    }
  },
};
