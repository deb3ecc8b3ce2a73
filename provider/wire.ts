/** How Pulumi writes what is more than a plain value. */

/** A value that is not known yet. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key by which an object is such a value: in a state, a secret. */
export const signature = "4dabf18193072939515e22adb298388d";
