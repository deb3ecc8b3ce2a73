/** Who has a port, by what an engine tells. */
import type { ContainerRow } from "../../../provider/engine/types";
import { overlaps, publishedOverlap } from "../../../provider/port-address";
import { chosen, range } from "../../../provider/port-claim";
import { holderIn, portsInUse, takenText } from "../../../provider/port-holders";
import { listenersIn } from "../../../provider/port-processes";
import { isOver, reservationOf } from "../../../provider/port-reservations";

test.each([
  ["", "10.0.0.1", true],
  ["0.0.0.0", "10.0.0.1", true],
  ["0.0.0.0", "::1", false],
  ["::", "::1", true],
  ["::", "10.0.0.1", false],
  ["::1", "0:0::1", true],
  ["10.0.0.1", "10.0.0.2", false],
])("an engine's binding on %p and one on %p overlap: %p", (one, other, is) => {
  expect(overlaps(one, other)).toBe(is);
  expect(overlaps(other, one)).toBe(is);
});

test("what a port names as :: is on both families", () => expect(publishedOverlap("::", "10.0.0.1")).toBe(true));

const row = (more: Partial<ContainerRow>): ContainerRow => ({
  Id: "0123456789abcdef",
  Names: ["/db-1"],
  Image: "",
  ImageID: "",
  Created: 0,
  State: "running",
  Labels: {},
  ...more,
});
const ours = (state: ContainerRow["State"], alloc = "a1") =>
  row({
    State: state,
    Labels: {
      "longshore.key": "shop/dev/app/web/server[0]/echo",
      "longshore.alloc_id": alloc,
      "longshore.ports": '{"http":{"hostIp":"127.0.0.1","value":20001,"to":80}}',
    },
  });
const foreign = row({ Ports: [{ IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" }] });
const reservation = {
  name: "longshore-port-20002",
  port: 20_002,
  alloc: "a2",
  key: "shop/prod/app/web/server[0]",
  holdMs: 1000,
  made: new Date(0),
};

test("a port of a stopped task of ours, of any container, or reserved, is nobody else's", () =>
  expect(portsInUse({ containers: [ours("exited"), foreign], reservations: [reservation] })).toEqual(
    new Set([20_001, 8080, 20_002]),
  ));

describe("who has a port", () => {
  const view = { containers: [ours("running"), foreign], reservations: [reservation] };
  test.each([
    [8080, "127.0.0.1", /^x is 8080 on 127\.0\.0\.1, which the container db-1 has; choose another port/],
    [20_001, "0.0.0.0", /which web\/server\[0\]\/echo of the stack shop\/dev has \(the container db-1\); choose/],
    [
      20_002,
      "127.0.0.1",
      /which a run that goes on has reserved for web\/server\[0\] of the stack shop\/prod; choose another port; if that run is no more: docker volume rm longshore-port-20002/,
    ],
  ])("%s on %s", (port, address, text) => {
    const holder = holderIn(view, { port, address });
    expect(holder && takenText("x", { port, address }, holder, "other/dev/app/job/g[0]")).toMatch(text);
  });

  test.each([
    ["nobody", 8081, "0.0.0.0", view, undefined],
    ["one who is stopped has not", 20_001, "127.0.0.1", { ...view, containers: [ours("exited")] }, undefined],
    ["nor has an allocation in its own way", 20_001, "127.0.0.1", view, "a1"],
  ])("%s", (_, port, address, seen, own) => expect(holderIn(seen, { port, address }, own)).toBeUndefined());

  test("a process is named as far as it is known", () => {
    expect(takenText("x", { port: 1, address: "::1" }, { kind: "process", pid: 7, name: "sshd" }, "k")).toMatch(
      /which the process sshd \(7\) on the engine's host has/,
    );
    expect(takenText("x", { port: 1, address: "::1" }, { kind: "process" }, "k")).toMatch(
      /which a process on the engine's host has/,
    );
  });
});

describe("a reservation", () => {
  const volume = {
    Name: "longshore-port-1",
    CreatedAt: "2026-01-01T00:00:00Z",
    Labels: { "longshore.port": "1", "longshore.port_alloc_id": "a", "longshore.port_hold_ms": "1000" },
  };
  const read = reservationOf(volume as never);
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  test("is over after its time, unless its allocation has a container", () => {
    expect(read && isOver(read, at(2), new Set())).toBe(true);
    expect(read && isOver(read, at(1), new Set())).toBe(false);
    expect(read && isOver(read, at(2), new Set(["a"]))).toBe(false);
  });
  test("that does not say when it ends does not end", () => {
    const endless = reservationOf({ ...volume, Labels: { "longshore.port": "1" } } as never);
    expect(endless && isOver(endless, at(59), new Set())).toBe(false);
  });
  test("a volume that is none", () =>
    expect(reservationOf({ ...volume, Labels: { "longshore.port": "x" } } as never)).toBeUndefined());
});

test("ports are chosen each another, and none that is taken; when none is left, that is said", () => {
  const few = (port: number) => port > range.first + 9;
  expect(new Set(chosen(10, few)).size).toBe(10);
  expect(() => chosen(11, few)).toThrow(
    /no port from 20000 to 32000 is free on the engine's host; give the ports static numbers/,
  );
});

test("the kernel's tables of sockets", () => {
  const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  const tcp =
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1 0 100 0 0 10 0\n";
  const connected =
    "   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 99 1 0 100 0 0 10 0\n";
  const six =
    "   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100 0 0 10 0\n";
  expect(listenersIn(head + tcp + connected + six, "tcp")).toEqual([
    { protocol: "tcp", address: "127.0.0.1", port: 8080, inode: "1234" },
    { protocol: "tcp", address: "::1", port: 80, inode: "77" },
  ]);
});
