// What is asked of the visitor besides: where they can be written to, and what they think of it all.

import { thumbs } from "./bubble";
import { div, h } from "./dom";
import { say } from "./words";

/** What has grown is seen whole. */
const seen = (form: Element) => form.scrollIntoView({ block: "nearest" });

/** A question with a field and a button, and thanks in their place once it was answered. */
function card(of: string, field: HTMLInputElement | HTMLTextAreaElement, submit: (value: string) => Promise<void>, ...above: HTMLElement[]): HTMLElement {
  const wrong = h("p", { class: "bad", role: "alert" });
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    try {
      await submit(field.value.trim());
      form.replaceChildren(h("p", { role: "status" }, say(`${of}-done`)));
    } catch (trouble) {
      // What was not sent is not as it must be; what was sent has failed otherwise.
      wrong.textContent = say(trouble ? "error" : `${of}-wrong`);
      field.focus();
    }
    seen(form);
  };
  field.className = "field";
  const asked = h("div", {}, h("label", { for: field.id }, say(`${of}-label`)), div("row", field, h("button", { class: "go" }, say(`${of}-send`))));
  const form = h("form", { class: "card", novalidate: true, submit: send }, ...above, asked, wrong);
  return form;
}

/** Asks for an e-mail address. */
export function email(text: string, leave: (email: string) => Promise<void>): HTMLElement {
  const field = h("input", { id: "email", type: "email", autocomplete: "email", required: true });
  const checked = async (address: string) => {
    field.setAttribute("aria-invalid", `${!field.validity.valid}`);
    if (!field.validity.valid) throw null;
    await leave(address);
  };
  return card("email", field, checked, h("p", {}, text));
}

/** Asks what the visitor thinks of the conversation, and why. */
export function rating(rate: (rating: string | null, comment?: string) => Promise<void>): HTMLElement {
  let thumb = "";
  const pressed = async (next: string) => {
    await rate(next || null);
    thumb = next;
    asked.hidden = !next;
    seen(form);
  };
  const form = card("rate", h("textarea", { id: "why", rows: 2, maxlength: 2000 }), (comment) => rate(thumb, comment || undefined), h("p", {}, say("rate")), div("row", ...thumbs("", pressed)));
  const asked = form.children[2] as HTMLElement;
  asked.hidden = true;
  return form;
}
