/** Which resources are longshore's. */
import type { Kind } from "../provider/inputs";

const type = /^pulumi-nodejs:dynamic\/longshore:(Image|Allocation|Task)$/;

/** The kind that a resource's type names, or nothing for another's. */
export const kindOf = (typeToken: string): Kind | undefined => type.exec(typeToken)?.[1] as Kind | undefined;
