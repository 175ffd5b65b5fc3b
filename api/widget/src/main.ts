// Where it begins: once on a page, however often the script is loaded, and with all that the page asked for before it came.

import type { Commands, Frontoffice } from "../types/index";
import { read } from "./settings";
import { start } from "./widget";

type Command = [keyof Commands, ...unknown[]];

(() => {
  const before = window.frontoffice;
  // It is here already.
  if (before && "destroy" in before) return;
  const settings = read();
  if (!settings) return;
  const commands = start(
    settings,
    () => Array.isArray(before) && api.push(...(before as Command[])),
    () => delete window.frontoffice,
  );
  const api = Object.assign(commands, {
    push(...asked: Command[]) {
      for (const [name, ...values] of asked) {
        const command = commands[name];
        if (typeof command === "function") (command as (...values: unknown[]) => void)(...values);
        else console.warn(`frontoffice: there is no \`${name}\`.`);
      }
      return asked.length;
    },
  });
  window.frontoffice = api as Frontoffice;
})();
