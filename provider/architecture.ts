const names: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm",
  armv6l: "arm",
  i686: "386",
  i386: "386",
};

/** Go's name for what Linux calls a machine (`uname -m`): Nomad and the names of images have Go's. */
export const goArchitecture = (machine: string): string => names[machine] ?? machine;
