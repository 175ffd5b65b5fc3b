// Nodes, made one by one: text is always a text node, and nothing is ever parsed as markup.

export type Child = Node | string | false | null | undefined;
type Value = string | number | boolean | null | undefined | ((event: any) => void);
type Props = Record<string, Value>;

function fill<T extends Element>(node: T, props: Props, children: Child[]): T {
  for (const name in props) {
    const value = props[name];
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value || value === 0) node.setAttribute(name, value as string);
  }
  node.append(...(children.filter(Boolean) as (Node | string)[]));
  return node;
}

/** An element with attributes, listeners (functions) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(name: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  return fill(document.createElement(name), props, children);
}

/** An element of this class. */
export const div = (name: string, ...children: Child[]) => h("div", { class: name }, ...children);

/** A button that shows a word, or an icon and says the word. */
export function button(name: string, word: string, click: () => void, drawn?: Child, props?: Props): HTMLButtonElement {
  return h("button", { type: "button", class: name, click, ...(drawn ? { title: word, "aria-label": word } : {}), ...props }, drawn || word);
}

/** An icon on a grid of 24, of lines. */
export function icon(path: string): SVGElement {
  const make = (name: string, props: Props, child?: Child) => fill(document.createElementNS("http://www.w3.org/2000/svg", name), props, [child]);
  return make("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, make("path", { d: path })) as SVGElement;
}

/** A link that cannot do more than open a page or a letter; `undefined` for any other address. */
export function link(address: string, ...children: Child[]): HTMLAnchorElement | undefined {
  return /^(https?|mailto):/i.test(address) && URL.canParse(address)
    ? h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children)
    : undefined;
}

/** That somebody writes, or that something is waited for. */
export const dots = (word: string) => h("div", { class: "dots", role: "img", "aria-label": word }, h("i"), h("i"), h("i"));

export const CHAT = "M4 14V6q0-2 2-2h12q2 0 2 2v8q0 2-2 2h-7l-5 4v-4q-2 0-2-2z";
export const CLOSE = "M6 6l12 12M18 6L6 18";
export const DOWN = "M6 9l6 6 6-6";
export const SEND = "M12 19V5M6 11l6-6 6 6";
export const STOP = "M8 8h8v8H8z";
export const PERSON = "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20a7 7 0 0 1 14 0";
export const THUMB = "M7 11v9H3v-9h4l4-8q3 0 3 3v3h4q3 0 2 3l-1 6q0 2-2 2H7";
