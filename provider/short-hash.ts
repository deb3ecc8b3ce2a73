import { createHash } from "node:crypto";

/** Tells names apart that are long, or alike: twelve hexadecimal digits. */
export const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);
