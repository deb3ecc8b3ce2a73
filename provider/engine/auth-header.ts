import type { RegistryAuth } from "./types";

/** The header by which the engine is told credentials; none when there is nothing in them. */
export const authHeader = (auth: RegistryAuth | undefined): Readonly<Record<string, string>> => {
  const { username, password, email, serverAddress, identityToken, registryToken } = auth ?? {};
  const wire = {
    username,
    password,
    email,
    serveraddress: serverAddress,
    identitytoken: identityToken,
    registrytoken: registryToken,
  };
  const given = Object.entries(wire).filter(([, value]) => value);
  if (given.length === 0) return {};
  const text = Buffer.from(JSON.stringify(Object.fromEntries(given))).toString("base64");
  // Go's decoder wants the padding that Node's own base64url leaves out.
  return { "X-Registry-Auth": text.replaceAll("+", "-").replaceAll("/", "_") };
};
