// Answers are written in a small Markdown. What is not of it stays text, markup above all.

import { h, link } from "./dom";

const INLINE = new RegExp(
  [
    // 1: escaped
    /\\([!-\/:-@[-`{-~])/,
    // 2, 3: code
    /(`+)(.+?)\2(?!`)/,
    // 4, 5: a link or an image, and where it leads
    /!?\[((?:[^[\]\\]|\\.)*)\]\(\s*<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)[^)]*\)/,
    // 6: an address in angle brackets; 7: a bare one
    /<((?:https?:\/\/|mailto:)[^\s<>]+)>/,
    /(\bhttps?:\/\/[^\s<>"`]*[^\s<>"`.,;:!?)\]'*_])/,
    // 8, 9: strong; 10, 11: emphasised
    /(?<b>\*\*|__)(?=\S)(.+?)(?<=\S)\k<b>(?!\w)/,
    /(?<i>\*|(?<!\w)_)(?=\S)(.+?)(?<=[^\s*_])\k<i>(?![\w*])/,
    // 12: the number of a source
    /\[(\d{1,3})\]/,
    /\n/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gs",
);

/** So deep may anything stand in anything else; what is deeper stays text. */
const DEEPEST = 8;

function inline(text: string, depth: number, inLink?: boolean): (Node | string)[] {
  const out: (Node | string)[] = [];
  let from = 0;
  for (const found of depth > DEEPEST ? [] : text.matchAll(INLINE)) {
    const [all, escaped, , code, label, target, angle, bare, , strong, , em, cite] = found;
    const within = (part: string) => inline(part, depth + 1, inLink);
    const address = target ?? angle ?? bare;
    out.push(text.slice(from, found.index));
    from = found.index! + all.length;
    if (address !== undefined) {
      const shown = label ? inline(label, depth + 1, true) : [address.replace("mailto:", "")];
      const made = !inLink && link(address, ...shown);
      out.push(...(made ? [made] : shown));
    } else {
      out.push(
        escaped ??
          (code
            ? h("code", {}, code.trim())
            : strong
              ? h("strong", {}, ...within(strong))
              : em
                ? h("em", {}, ...within(em))
                : cite
                  ? h("sup", {}, cite)
                  : h("br")),
      );
    }
  }
  out.push(text.slice(from));
  return out;
}

const FENCE = /^\s*(```|~~~)/;
const QUOTE = /^\s*> ?/;
const HEADING = /^\s*#{1,6} +/;
const ITEM = /^\s*([-*+]|(\d{1,9})[.)])( +|$)/;
/** Ends a paragraph without an empty line. */
const BREAK = new RegExp([/^\s*$/, FENCE, QUOTE, HEADING, ITEM].map(({ source }) => source).join("|"));

function blocks(lines: string[], depth: number): Node[] {
  const out: Node[] = [];
  /** The lines from here on that `fit`. */
  const take = (fit: (line: string) => boolean) => {
    const end = lines.findIndex((line) => !fit(line));
    return lines.splice(0, end < 0 ? lines.length : end);
  };
  while (lines.length > 0) {
    const line = lines[0]!;
    const item = ITEM.exec(line);
    if (FENCE.test(line)) {
      lines.shift();
      const code = take((one) => !FENCE.test(one));
      lines.shift();
      out.push(h("pre", { tabindex: 0 }, h("code", {}, code.join("\n"))));
    } else if (depth < DEEPEST && QUOTE.test(line)) {
      out.push(h("blockquote", {}, ...blocks(take((one) => QUOTE.test(one)).map((one) => one.replace(QUOTE, "")), depth + 1)));
    } else if (depth < DEEPEST && item) {
      const indent = line.search(/\S/);
      const inner = [lines.shift()!.slice(item[0].length), ...take((one) => one.search(/\S/) > indent)];
      const name = item[2] ? "ol" : "ul";
      // An empty line between two items does not part them.
      const last = out[out.length - 1] as HTMLElement | undefined;
      const list = last?.localName === name ? last : h(name, { start: item[2] });
      list.append(h("li", {}, ...blocks(inner, depth + 1)));
      out.push(list);
      if (last === list) out.pop();
    } else {
      lines.shift();
      const text = [line.replace(HEADING, ""), ...(HEADING.test(line) ? [] : take((one) => !BREAK.test(one)))].map((one) => one.trim()).join("\n").trim();
      if (text) out.push(h("p", {}, ...(HEADING.test(line) ? [h("strong", {}, ...inline(text, depth))] : inline(text, depth))));
    }
  }
  return out;
}

/** The nodes of a text. */
export function markdown(text: string): Node[] {
  return blocks(text.split(/\r?\n/), 0);
}
