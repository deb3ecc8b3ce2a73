import { isIP } from "node:net";
import * as z from "zod";

/** Name servers, of a task or of a group. */
export const nameServers = z.array(
  z.string().refine((text) => isIP(text) !== 0, { error: "is not an IP address; a name server is given by address" }),
);
