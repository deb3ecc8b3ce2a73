import { readFileSync } from "node:fs";
import type { ReadFile } from "./options/option";

/** Reads a file of this machine; a relative path is one from the directory in which the program runs. */
export const readLocalFile: ReadFile = (path) => readFileSync(path, "utf8");
