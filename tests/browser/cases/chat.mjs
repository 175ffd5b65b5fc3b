// Talking: what the visitor writes, hears and does.
import assert from "node:assert/strict";
import { gate } from "../harness/model.mjs";
import { eventually } from "../harness/office.mjs";

const bubbles = (page) => page.locator(".lines .bubble").allInnerTexts();

export default {
  async "a question is answered word by word, with sources and thumbs"(t) {
    const door = gate();
    t.office.model.on("Monday", "We open at **nine**. We", door, " close at *six*.\n\n- Monday\n- Tuesday\n\n[The page](https://shop.example/hours)");
    const page = await t.chat();
    await page.locator(".note", { hasText: "AI assistant" }).waitFor();
    await t.say(page, "What are the opening hours of the shop on Monday?");
    await page.locator(".msg .bubble strong", { hasText: "nine" }).waitFor();
    assert.equal(await page.locator(".halt").isVisible(), true);
    await t.picture(page, "streaming");
    door.open();
    await t.answer(page, "close at six");
    assert.equal(await page.locator(".bubble li").count(), 2);
    const link = page.locator(".bubble a");
    assert.deepEqual(
      [await link.getAttribute("href"), await link.getAttribute("rel"), await link.getAttribute("target")],
      ["https://shop.example/hours", "noopener noreferrer nofollow", "_blank"],
    );
    await page.locator(".halt").waitFor({ state: "hidden" });
    assert.equal((await bubbles(page)).length, 2);
    const rated = page.waitForResponse(/conversation\/rating$/);
    await page.getByRole("button", { name: "Helpful", exact: true }).click();
    assert.equal((await rated).status(), 200);
    await page.locator("[aria-pressed=true]").waitFor();
    await t.picture(page, "answered");
  },

  async "dots at once, and a stop that keeps what was written"(t) {
    const [first, second] = [gate(), gate()];
    t.office.model.on("long story", first, "Once upon a time there was a shop. And", second, " so on.");
    const page = await t.chat();
    await t.ask(page, "long story");
    await page.locator(".msg .dots").waitFor({ timeout: 500 });
    await t.picture(page, "typing");
    first.open();
    await page.locator(".bubble", { hasText: "Once upon" }).waitFor();
    await page.getByRole("button", { name: "Stop this answer" }).click();
    await page.locator(".meta", { hasText: "Stopped" }).waitFor();
    assert.match((await bubbles(page)).at(-1), /Once upon a time/);
    assert.equal(await page.locator(".halt").isVisible(), false);
    // One goes on.
    await t.ask(page, "Another question");
    await t.answer(page, "Another question");
    second.open();
  },

  async "a reload in the middle of an answer loses no word, written or heard"(t) {
    const door = gate();
    t.office.model.on("reload me", "The beginning. And", door, " the end.");
    const page = await t.chat();
    await t.ask(page, "reload me");
    await page.locator(".bubble", { hasText: "The beginning" }).waitFor();
    await page.locator("textarea").fill("half a thought");
    await page.reload();
    await page.locator(".launcher").click();
    await page.locator(".mine .bubble", { hasText: "reload me" }).waitFor();
    await page.locator(".bubble", { hasText: "The beginning" }).waitFor();
    assert.equal(await page.locator("textarea").inputValue(), "half a thought");
    door.open();
    await t.answer(page, "And the end.");
    await eventually("each once", async () => (await bubbles(page)).length === 2);
  },

  async "a lost connection is taken up where it broke"(t) {
    const [first, second] = [gate(), gate()];
    t.office.model.on("break me", "One. Two", first, ". Three", second, ". Four.");
    const page = await t.chat();
    await t.ask(page, "break me");
    await page.locator(".bubble", { hasText: "One" }).waitFor();
    const again = page.waitForRequest((request) => /turns\/.*events/.test(request.url()) && !!request.headers()["last-event-id"]);
    await page.context().setOffline(true);
    await page.locator(".banner", { hasText: "You are offline" }).waitFor();
    first.open();
    await t.picture(page, "offline");
    await page.context().setOffline(false);
    await again;
    second.open();
    await t.answer(page, "One. Two. Three. Four.");
    await page.locator(".banner").waitFor({ state: "hidden" });
    t.expect(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|Failed to fetch/);
  },

  async "what is written offline is sent on coming back, once, also after a reload"(t) {
    const page = await t.chat();
    await t.ask(page, "Hello there");
    await t.answer(page, "Hello there");
    await page.context().setOffline(true);
    await t.ask(page, "first offline");
    await t.ask(page, "second offline");
    assert.equal(await page.locator(".mine .meta", { hasText: "Waiting" }).count(), 2);
    await page.context().setOffline(false);
    await t.answer(page, "offline");
    await eventually("all sent", async () => (await page.locator(".mine .meta").count()) === 0);
    const said = (await page.locator(".mine .bubble").allInnerTexts()).map((text) => text.replace(/^You:\s*|: what.*/g, ""));
    assert.deepEqual(said, ["Hello there", "first offline", "second offline"]);
    // A page that goes away before it could send.
    await page.route("**/api/widget/chat", (route) => route.abort());
    await t.ask(page, "kept for later");
    await page.locator(".mine .meta", { hasText: "Waiting" }).waitFor();
    await page.unroute("**/api/widget/chat");
    await page.reload();
    await page.locator(".launcher").click();
    await t.answer(page, "kept for later");
    await page.reload();
    await page.locator(".launcher").click();
    await page.locator(".mine .bubble", { hasText: "kept for later" }).waitFor();
    assert.equal(await page.locator(".mine .bubble", { hasText: "kept for later" }).count(), 1);
    t.expect(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_NETWORK_CHANGED/);
  },

  async "too much is counted down and sent again"(t) {
    const page = await t.chat();
    let refused = 0;
    await page.route("**/api/widget/chat", (route) => {
      if (route.request().method() === "OPTIONS" || refused > 0) return route.continue();
      refused += 1;
      const headers = { "access-control-allow-origin": t.shop.origin, "access-control-expose-headers": "retry-after", "retry-after": "3", "content-type": "application/problem+json" };
      return route.fulfill({ status: 429, headers, body: JSON.stringify({ status: 429, code: "rate_limited", detail: "Too many." }) });
    });
    await t.ask(page, "Slow down");
    await page.locator(".banner", { hasText: "Trying again in 3 seconds" }).waitFor();
    await t.picture(page, "limited");
    await page.locator(".banner", { hasText: "in 1 second." }).waitFor();
    await t.answer(page, "Slow down");
    await page.locator(".banner").waitFor({ state: "hidden" });
    assert.equal(refused, 1);
    t.expect(/429/);
  },

  async "what is not taken can be tried again or thrown away"(t) {
    const page = await t.chat();
    await page.route("**/api/widget/chat", (route) => {
      const headers = { "access-control-allow-origin": t.shop.origin, "content-type": "application/problem+json" };
      return route.fulfill({ status: 422, headers, body: JSON.stringify({ status: 422, code: "validation_failed", detail: "No." }) });
    });
    await t.ask(page, "Bad words");
    await page.locator(".meta.bad", { hasText: "Not sent" }).waitFor();
    await t.picture(page, "error");
    await page.unroute("**/api/widget/chat");
    await page.getByRole("button", { name: "Try again" }).click();
    await t.answer(page, "Bad words");
    t.expect(/422/);
  },

  async "several messages in a row get one window that agrees with the host"(t) {
    const door = gate();
    t.office.model.on("burst one", door, "To one.");
    t.office.model.on("burst two", "To both.");
    const page = await t.chat();
    await t.ask(page, "burst one");
    await page.locator(".msg .dots").waitFor();
    await page.waitForTimeout(300);
    await t.ask(page, "burst two");
    door.open();
    await t.answer(page, "To both.");
    await eventually("nothing goes on", async () => !(await page.locator(".halt").isVisible()));
    const seen = await bubbles(page);
    await page.reload();
    await page.locator(".launcher").click();
    await eventually("the same as before", async () => (await bubbles(page)).length === seen.length);
    assert.deepEqual(await bubbles(page), seen);
  },

  async "a refusal offers a person; a person answers live, and is rated"(t) {
    const baker = await t.office.business("Baker", [t.shop.origin]);
    t.office.model.on("unknowable", { tool: "no_answer" });
    const page = await t.chat({ business: baker });
    await t.ask(page, "unknowable");
    const offer = page.locator(".chip", { hasText: "Talk to a person" });
    await offer.waitFor();
    await t.picture(page, "refused");
    await offer.click();
    await page.locator("header", { hasText: "A person has been asked" }).waitFor();
    await page.locator(".card").getByLabel("E-mail address").fill("nonsense");
    await page.getByRole("button", { name: "Leave address" }).click();
    await page.locator(".card .bad", { hasText: "such as" }).waitFor();
    await t.picture(page, "handoff");
    await page.getByLabel("E-mail address").fill("vi@example.com");
    await page.getByRole("button", { name: "Leave address" }).click();
    await page.locator(".card [role=status]", { hasText: "We will write to you" }).waitFor();
    const { id } = await baker.newest();
    await baker.change("conversationReply", { conversation: id, text: "Ann here, how can I help?" });
    await t.answer(page, "Ann here");
    await page.locator("header", { hasText: "talking to a person" }).waitFor();
    await t.say(page, "Thank you, Ann");
    await page.locator(".mine .bubble", { hasText: "Thank you" }).waitFor();
    await page.waitForTimeout(300);
    assert.equal(await page.locator(".msg .dots").isVisible(), false, "a person needs no dots");
    await t.picture(page, "person");
    // While the window is closed, the button says that there is something.
    await page.keyboard.press("Escape");
    await baker.change("conversationReply", { conversation: id, text: "Anything else?" });
    await page.locator(".launcher b", { hasText: "1" }).waitFor({ timeout: 20_000 });
    assert.match(await page.locator(".launcher").getAttribute("aria-label"), /1 new message/);
    await t.picture(page, "unread");
    await page.locator(".launcher").click();
    await t.answer(page, "Anything else?");
    assert.equal(await page.locator(".launcher b").count(), 0);
    await baker.change("conversationResolve", { conversation: id });
    await page.locator(".card", { hasText: "How was this conversation?" }).waitFor();
    await page.locator(".card").getByRole("button", { name: "Helpful", exact: true }).click();
    await page.locator("#why").fill("Kind.");
    await t.picture(page, "rating");
    await page.getByRole("button", { name: "Send feedback" }).click();
    await page.locator(".card", { hasText: "Thank you for your feedback" }).waitFor();
    const wanted = "{ viewer { tenant { conversations(first: 50) { nodes { id contactEmail rating ratingComment } } } } }";
    const { nodes } = (await baker.ask(wanted)).viewer.tenant.conversations;
    const { contactEmail, rating, ratingComment } = nodes.find((one) => one.id === id);
    assert.deepEqual({ contactEmail, rating, ratingComment }, { contactEmail: "vi@example.com", rating: "UP", ratingComment: "Kind." });
  },
};
