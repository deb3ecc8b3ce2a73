/** Linux capabilities: names, and what of them a task gets, loses, or may not have. Pure. */

/** What an engine gives a container that says nothing. */
const dockerDefault = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW"],
  ...["SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
] as const;

/** What Nomad's driver counts as wanted by a task that says nothing: NET_RAW is taken or left as the operator has it. */
const nomadDefault = dockerDefault.filter((name) => name !== "NET_RAW");

/** All that a kernel may have; the last three came late, and older engines refuse them by name. */
export const capabilities: readonly string[] = [
  ...dockerDefault,
  ...["AUDIT_CONTROL", "AUDIT_READ", "BLOCK_SUSPEND", "DAC_READ_SEARCH", "IPC_LOCK", "IPC_OWNER", "LEASE"],
  ...["LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "NET_ADMIN", "NET_BROADCAST", "SYSLOG", "SYS_ADMIN", "SYS_BOOT"],
  ...["SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG"],
  ...["WAKE_ALARM", "BPF", "CHECKPOINT_RESTORE", "PERFMON"],
];

/** Lists that an operator may name in place of their capabilities. */
export const capabilityPresets: Readonly<Record<string, readonly string[]>> = {
  "nomad-1.0": dockerDefault,
  hardened: nomadDefault,
};

/** `cap_net_raw` as it is compared: `NET_RAW`. */
export const capabilityName = (written: string): string => written.toUpperCase().replace(/^CAP_/, "");

const isAll = (written: string) => written.toUpperCase() === "ALL";

/** Whether a task may write it: a capability of whatever case, with or without `CAP_`, or `ALL`. */
export const isCapability = (written: string): boolean =>
  isAll(written) || capabilities.includes(capabilityName(written));

/** Names as a set is compared: sorted, each once; `ALL` stands for every other. */
export const capabilitySet = (written: readonly string[]): readonly string[] =>
  written.some(isAll) ? ["ALL"] : [...new Set(written.map(capabilityName))].sort();

/** What an operator's list allows, its presets and `ALL` spelled out. */
export const allowedCapabilities = (written: string | readonly string[]): ReadonlySet<string> =>
  new Set(
    [written]
      .flat()
      .flatMap((entry) => capabilityPresets[entry] ?? (isAll(entry) ? capabilities : capabilityName(entry))),
  );

const without = (names: readonly string[], taken: readonly string[]) => names.filter((name) => !taken.includes(name));

/** What a task asks for by name, with `ALL` spelled out as the engine does it: less what it drops by name. */
export const addedCapabilities = (add: readonly string[], drop: readonly string[]): readonly string[] => {
  const [added, dropped] = [capabilitySet(add), capabilitySet(drop)];
  return added.includes("ALL") ? without(capabilities, dropped).toSorted() : added;
};

/** What a task asks for by name over what an engine gives to one that says nothing. */
export const unusualCapabilities = (add: readonly string[], drop: readonly string[]): readonly string[] =>
  without(addedCapabilities(add, drop), dockerDefault);

/** What of the usual capabilities a task keeps by not dropping it. */
export const keptCapabilities = (add: readonly string[], drop: readonly string[]): readonly string[] => {
  const [added, dropped] = [capabilitySet(add), capabilitySet(drop)];
  return added.includes("ALL") || dropped.includes("ALL") ? [] : without(without(nomadDefault, dropped), added);
};

/** What the engine is told to drop: what the task drops, and of the engine's own what the operator does not allow. */
export const droppedCapabilities = (drop: readonly string[], allowed: ReadonlySet<string>): readonly string[] =>
  capabilitySet([...drop, ...dockerDefault.filter((name) => !allowed.has(name))]);
