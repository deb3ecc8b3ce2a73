import { isIP } from "node:net";

/** One text for all spellings of an address. */
export const plainAddress = (address: string): string =>
  isIP(address) === 6 && !address.includes("%") ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;

const isEvery = (address: string) => address === "0.0.0.0" || address === "::";

/** Whether one port cannot be published on both addresses; an address that is empty means all. */
export function overlaps(one: string, other: string): boolean {
  if (one === "" || other === "") return true;
  const [a, b] = [plainAddress(one), plainAddress(other)];
  return a === b || (isIP(a) === isIP(b) && (isEvery(a) || isEvery(b)));
}

/** Where the engine publishes what is to be on an address of the host: as with a socket, `::` means both families. */
export const publishedOn = (hostIp: string): readonly string[] => (hostIp === "::" ? ["0.0.0.0", "::"] : [hostIp]);

/** Whether one port cannot be had on both addresses of the host. */
export const publishedOverlap = (one: string, other: string): boolean =>
  publishedOn(one).some((a) => publishedOn(other).some((b) => overlaps(a, b)));
