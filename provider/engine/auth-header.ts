import type { RegistryAuth } from "./types";

/** The header by which the engine is told credentials; none when there is nothing in them. */
export const authHeader = (auth: RegistryAuth | undefined): Readonly<Record<string, string>> => {
  const { username, password, email, serverAddress: serveraddress } = auth ?? {};
  const given = Object.entries({ username, password, email, serveraddress }).filter(([, value]) => value);
  if (given.length === 0) return {};
  const text = Buffer.from(JSON.stringify(Object.fromEntries(given))).toString("base64");
  // Go's decoder wants the padding that Node's own base64url leaves out.
  return { "X-Registry-Auth": text.replaceAll("+", "-").replaceAll("/", "_") };
};
