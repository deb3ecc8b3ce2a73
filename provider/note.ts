/** Says something to the user while a handler works; Pulumi shows what a provider prints. */
export const note = (text: string): void => console.log(text);

/** The same, as a warning. */
export const warn = (text: string): void => console.error(`warning: ${text}`);
