/** Properties as @pulumi/policy hands them to a policy, made plain. */
import { pathText } from "../provider/options/folds";
import { unknownText } from "../provider/wire";
import { type Bag, type Path, notKnown } from "./subject";

/** How the wire says "not known yet": a text for each type that the value may have. */
const unknowns: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  unknownText,
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** An instance of the `Secret` of whichever copy of @pulumi/policy the pack has. */
const isSecret = (value: object): value is { readonly value: unknown } =>
  !Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype && value.constructor.name === "Secret";

/**
 * The values of a policy's `props`. They are proxies: to read what is not known throws, and to read a secret tells
 * nothing of its being one. A property's descriptor is the value itself.
 */
export function readProps(props: object): { readonly inputs: Bag; readonly secrets: ReadonlySet<string> } {
  const secrets = new Set<string>();
  const plain = (path: Path, value: unknown): unknown => {
    if (unknowns.has(value)) return notKnown;
    if (typeof value !== "object" || value === null) return value;
    if (isSecret(value)) {
      secrets.add(pathText(path));
      return plain(path, value.value);
    }
    const own = (key: PropertyKey): unknown => Object.getOwnPropertyDescriptor(value, key)?.value as unknown;
    return Array.isArray(value)
      ? Array.from({ length: own("length") as number }, (_, index) => plain([...path, index], own(String(index))))
      : Object.fromEntries(Reflect.ownKeys(value).map((key) => [key, plain([...path, key], own(key))]));
  };
  return { inputs: plain([], props) as Bag, secrets };
}
