/** The driver's arithmetic of capabilities (spec/observed.md §3), over the documented default. */
import {
  addedCapabilities,
  allowedCapabilities,
  capabilities,
  capabilityName,
  capabilityPresets,
  capabilitySet,
  droppedCapabilities,
  isCapability,
  keptCapabilities,
} from "../../provider/capabilities";

const usual = capabilityPresets["nomad-1.0"] ?? [];
const hardened = capabilityPresets.hardened ?? [];

test("the presets: the fourteen of the doc, and these without NET_RAW", () => {
  expect(usual.toSorted().join(",")).toBe(
    "AUDIT_WRITE,CHOWN,DAC_OVERRIDE,FOWNER,FSETID,KILL,MKNOD,NET_BIND_SERVICE,NET_RAW,SETFCAP,SETGID,SETPCAP,SETUID,SYS_CHROOT",
  );
  expect(hardened).toEqual(usual.filter((name) => name !== "NET_RAW"));
});

test("the kernel has 41, each once", () => {
  expect(new Set(capabilities).size).toBe(41);
  expect(capabilities).toHaveLength(41);
});

test.each([
  ["NET_RAW", "NET_RAW"],
  ["net_raw", "NET_RAW"],
  ["CAP_NET_RAW", "NET_RAW"],
  ["cap_Net_Raw", "NET_RAW"],
  // The engine raises letters as JavaScript does.
  ["ſys_admin", "SYS_ADMIN"],
])("%s is %s", (written, name) => {
  expect(capabilityName(written)).toBe(name);
  expect(isCapability(written)).toBe(true);
});

test.each(["ALL", "all", "BPF", "perfmon", "CAP_CHECKPOINT_RESTORE"])("%s is known", (name) =>
  expect(isCapability(name)).toBe(true),
);

test.each(["", "BOGUS", "CAP_", "CAP_CAP_CHOWN", "CAP_ALL", " CHOWN", "CHOWN\n", "CHOWN,KILL", "nomad-1.0"])(
  "%j is none",
  (name) => expect(isCapability(name)).toBe(false),
);

test("a set is sorted, and has each once", () =>
  expect(capabilitySet(["mknod", "CAP_CHOWN", "MKNOD"])).toEqual(["CHOWN", "MKNOD"]));

test("ALL stands for every other", () => expect(capabilitySet(["chown", "all"])).toEqual(["ALL"]));

describe("what an operator allows", () => {
  test.each([
    ["a preset alone", "hardened", hardened],
    ["a preset in a list, and more", ["hardened", "cap_net_admin"], [...hardened, "NET_ADMIN"]],
    ["names in any case, with or without CAP_", ["chown", "CAP_KILL"], ["CHOWN", "KILL"]],
    ["ALL", ["all"], capabilities],
    ["nothing", [], []],
  ])("%s", (_, written, names) => expect([...allowedCapabilities(written)].sort()).toEqual(names.toSorted()));
});

describe("what a task asks for by name", () => {
  test.each([
    ["nothing", [], [], []],
    ["a name", ["net_admin"], [], ["NET_ADMIN"]],
    ["what it drops too, for adding wins on the engine", ["NET_ADMIN"], ["NET_ADMIN"], ["NET_ADMIN"]],
    ["beside dropping all", ["NET_ADMIN"], ["ALL"], ["NET_ADMIN"]],
    ["all", ["all"], [], capabilities],
    ["all but one", ["ALL"], ["BPF"], capabilities.filter((name) => name !== "BPF")],
    // The engine looks for a capability of this name, and drops none.
    ["all, and dropping all", ["ALL"], ["ALL", "BPF"], capabilities],
  ])("%s", (_, add, drop, names) => expect(addedCapabilities(add, drop)).toEqual(names.toSorted()));
});

describe("what a task keeps", () => {
  test.each([
    ["the usual, but NET_RAW, which is the operator's to take", [], [], hardened],
    ["the usual less what it drops", [], ["cap_mknod"], hardened.filter((name) => name !== "MKNOD")],
    ["nothing when it drops all", [], ["ALL"], []],
    ["nothing that it asked for by name", ["CHOWN"], [], hardened.filter((name) => name !== "CHOWN")],
    ["nothing but what it asked for", ["ALL"], [], []],
  ])("%s", (_, add, drop, names) => expect(keptCapabilities(add, drop)).toEqual(names));
});

describe("what the engine is told to drop", () => {
  test.each([
    ["nothing by default", [], "nomad-1.0", []],
    ["what the operator does not have of the usual", [], "hardened", ["NET_RAW"]],
    ["what the task drops, too, sorted", ["mknod", "CAP_CHOWN"], "hardened", ["CHOWN", "MKNOD", "NET_RAW"]],
    ["what the task drops of what is not usual", ["NET_ADMIN"], "nomad-1.0", ["NET_ADMIN"]],
    ["ALL as it is", ["CHOWN", "all"], "hardened", ["ALL"]],
    ["nothing where all is allowed", [], "ALL", []],
    ["all that is usual where nothing is allowed", [], [], usual.toSorted()],
  ])("%s", (_, drop, allowed, names) => {
    const once = droppedCapabilities(drop, allowedCapabilities(allowed));
    expect(once).toEqual(names);
    expect(droppedCapabilities(once, allowedCapabilities(allowed))).toEqual(once);
  });
});
