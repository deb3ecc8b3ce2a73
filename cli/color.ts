/** Colours, on a terminal whose user wants them. */
import type { WriteStream } from "node:tty";

/** @see https://no-color.org */
export const hasColor = (
  { isTTY }: Pick<WriteStream, "isTTY">,
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>> = process.env,
): boolean => isTTY && !NO_COLOR && TERM !== "dumb";

const codes = { cyan: 36, yellow: 33, green: 32, magenta: 35, blue: 34 } as const;
type Color = keyof typeof codes;

/** By which tasks are told apart, over and over. */
export const palette = Object.keys(codes) as readonly Color[];

export const colored = (text: string, color: Color): string => `\u001b[${codes[color]}m${text}\u001b[39m`;
