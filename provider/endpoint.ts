/** `host:port` of an address, with brackets around one of IPv6. */
export const endpoint = (address: string, port: number | string): string =>
  `${address.includes(":") ? `[${address}]` : address}:${port}`;
