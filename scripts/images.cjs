// Writes the images of examples and tests as one archive for `docker load`:
//   node images.cjs <static busybox> <archive> <tag>…
//   node images.cjs --is-static <file>            exit code 0 if that is a static Linux program
// Equal input gives equal bytes on any machine, hence equal image ids. All images share one layer.
"use strict";
const { createHash } = require("node:crypto");
const fs = require("node:fs");

const sh = (...lines) => ["#!/bin/sh", ...lines, ""].join("\n");
const cgi = (...lines) => sh('printf "Content-Type: text/plain\\r\\n\\r\\n"', ...lines);
const seconds = (n) => n * 1e9;
const PATH = "PATH=/bin";

const programs = {
  // Holds namespaces; ends at once when told to.
  "bin/pause": sh('trap "exit 0" TERM INT', "while :; do sleep 86400 & wait $!; done"),
  // The shell stays: busybox's httpd as process 1 would ignore TERM. CGI programs look at this process.
  "bin/echo-server": sh(
    "export ECHO_PID=$$",
    'trap "kill \\$!; exit 0" TERM INT',
    'echo "listening on ${PORT:-8080}"',
    'httpd -f -p "${PORT:-8080}" -h /www &',
    "wait $!",
  ),
  "bin/stubborn": sh('trap "echo ignored TERM" TERM', 'trap "" INT HUP', "echo ready", "while :; do sleep 1; done"),
  // HEALTH_AFTER=never stays unhealthy.
  "bin/health-main": sh(
    'trap "exit 0" TERM INT',
    '(sleep "${HEALTH_AFTER:-0}" && touch /tmp/ok) &',
    "while :; do sleep 1; done",
  ),
  "www/cgi-bin/env": cgi('tr "\\0" "\\n" <"/proc/$ECHO_PID/environ"'),
  "www/cgi-bin/args": cgi('tr "\\0" "\\n" <"/proc/$ECHO_PID/cmdline" | tail -n +3'), // without "/bin/sh /bin/echo-server"
  "www/cgi-bin/ip": cgi("hostname", "ip addr", "cat /etc/hosts /etc/resolv.conf"),
  "www/cgi-bin/die": cgi("echo bye", 'kill -9 "$ECHO_PID"'),
};
const texts = {
  "www/index.html": "hello from longshore\n",
  "etc/passwd":
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/false\napp:x:1000:1000:app:/tmp:/bin/sh\n",
  "etc/group": "root:x:0:\nnogroup:x:65534:\napp:x:1000:\nextra:x:2000:app\n",
};

const images = [
  { tag: "longshore/busybox:1.35", config: { Env: [PATH], Cmd: ["sh"] } },
  { tag: "longshore/busybox:latest", config: { Env: [PATH], Cmd: ["sh"] } },
  { tag: "longshore/pause:3.1", config: { Env: [PATH], Entrypoint: ["/bin/pause"] } },
  {
    tag: "longshore/echo:1",
    config: { Env: [PATH], Entrypoint: ["/bin/echo-server"], ExposedPorts: { "8080/tcp": {} } },
  },
  { tag: "longshore/stubborn:1", config: { Env: [PATH], Cmd: ["/bin/stubborn"] } },
  {
    tag: "longshore/health:1",
    config: {
      Env: [PATH],
      Cmd: ["/bin/health-main"],
      Healthcheck: {
        Test: ["CMD-SHELL", "test -f /tmp/ok"],
        Interval: seconds(1),
        Timeout: seconds(2),
        StartPeriod: seconds(5), // on a busy machine HEALTH_AFTER=1 takes longer than two checks
        Retries: 2,
      },
    },
  },
  {
    tag: "longshore/full:1",
    config: {
      User: "1000:1000",
      ExposedPorts: { "9000/tcp": {}, "9001/udp": {} },
      Env: [PATH, "FROM_IMAGE=yes", "PORT=9000"],
      Entrypoint: ["/bin/echo-server"],
      Cmd: ["a", "b"],
      Volumes: { "/data": {} },
      WorkingDir: "/work",
      Labels: { from: "image" },
      StopSignal: "SIGINT",
    },
  },
];

// One list rather than `busybox --list`: the binary may not run on this machine. A name it lacks does no harm.
const applets = `[ [[ arp ash awk base64 basename cat chgrp chmod chown chroot clear cmp comm cp cut date dc dd df diff
  dirname dmesg dnsdomainname du echo egrep env expr fallocate false fgrep find fold free getopt grep groups gunzip gzip
  head hexdump hostid hostname httpd id ifconfig install ionice ip ipaddr ipcalc ipcrm ipcs kill killall less link ln
  logger ls lsof md5sum mkdir mkfifo mknod mktemp more mount mountpoint mv nc netstat nice nohup nproc nsenter nslookup
  od paste pgrep pidof ping ping6 pkill printenv printf ps pwd readlink realpath renice reset rev rm rmdir route sed seq
  setsid sh sha1sum sha256sum sha512sum shred shuf sleep sort split stat strings stty su sum swapoff swapon switch_root
  sync sysctl tac tail tar taskset tee telnet test tftp time timeout top touch tr traceroute true truncate tty ulimit
  umount uname uniq unlink unshare uptime usleep vi watch wc wget which who whoami xargs xxd yes zcat`
  .split(/\s+/)
  .filter(Boolean);

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** A tar archive of entries { name, type, data?, link?, mode?, owner? }, in the plain ustar format. */
function tar(entries) {
  const blocks = entries.flatMap(({ name, type = "0", data = "", link = "", mode = 0o644, owner = 0 }) => {
    const body = Buffer.from(data);
    const header = Buffer.alloc(512);
    const octal = (value, at, length) => header.write(value.toString(8).padStart(length - 1, "0"), at);
    header.write(name, 0);
    octal(mode, 100, 8);
    octal(owner, 108, 8);
    octal(owner, 116, 8);
    octal(body.length, 124, 12);
    octal(0, 136, 12); // time of change
    header.write(" ".repeat(8), 148); // the checksum counts as spaces in itself
    header.write(type, 156);
    header.write(link, 157);
    header.write("ustar\x0000", 257);
    const checksum = header.reduce((sum, byte) => sum + byte, 0);
    header.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, body, Buffer.alloc(-body.length & 511)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const folder = (name, mode = 0o755, owner = 0) => ({ name: `${name}/`, type: "5", mode, owner });

function layerWith(busybox) {
  return tar([
    ...["bin", "etc", "root", "var", "var/run", "www", "www/cgi-bin"].map((name) => folder(name)),
    folder("tmp", 0o1777),
    folder("data", 0o755, 1000),
    folder("work", 0o755, 1000),
    { name: "bin/busybox", data: busybox, mode: 0o755 },
    ...applets.map((name) => ({ name: `bin/${name}`, type: "2", link: "busybox", mode: 0o777 })),
    ...Object.entries(programs).map(([name, data]) => ({ name, data, mode: 0o755 })),
    ...Object.entries(texts).map(([name, data]) => ({ name, data })),
  ]);
}

/** What the ELF header says: whether a program loader is asked for, and for which machine it is. */
function elf(file) {
  const data = fs.readFileSync(file);
  if (data.toString("latin1", 0, 4) !== "\x7fELF" || data[4] !== 2 || data[5] !== 1) return undefined;
  const architecture = { 62: "amd64", 183: "arm64", 243: "riscv64", 21: "ppc64le", 22: "s390x" }[data.readUInt16LE(18)];
  const table = Number(data.readBigUInt64LE(32));
  const parts = Array.from({ length: data.readUInt16LE(56) }, (_, i) =>
    data.readUInt32LE(table + i * data.readUInt16LE(54)),
  );
  return { data, architecture, isStatic: !parts.includes(3) };
}

function archive(busybox, tags) {
  const layer = layerWith(busybox.data);
  const digest = sha256(layer);
  const layerFile = `${digest}/layer.tar`;
  const created = "2020-01-01T00:00:00Z";
  const configs = new Map();
  for (const { tag, config } of images.filter(({ tag }) => tags.includes(tag))) {
    const text = JSON.stringify({
      architecture: busybox.architecture,
      os: "linux",
      created,
      config,
      history: [{ created, created_by: "longshore" }],
      rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
    });
    const name = `${sha256(text)}.json`;
    configs.set(name, { text, tags: [...(configs.get(name)?.tags ?? []), tag] });
  }
  const manifest = [...configs].map(([Config, { tags: RepoTags }]) => ({ Config, RepoTags, Layers: [layerFile] }));
  return tar([
    folder(digest),
    { name: layerFile, data: layer },
    ...[...configs].map(([name, { text }]) => ({ name, data: text })),
    { name: "manifest.json", data: JSON.stringify(manifest) },
  ]);
}

const [first, second, ...tags] = process.argv.slice(2);
if (first === "--is-static") {
  process.exitCode = second && elf(second)?.isStatic ? 0 : 1;
} else {
  fs.writeFileSync(second, archive(elf(first), tags));
}
