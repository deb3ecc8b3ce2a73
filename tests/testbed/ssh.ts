/** An sshd of our own on loopback, with keys of its own, and the `ssh` of a user who has them or has not. */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { connect } from "node:net";
import { commandOf, freePort, startOwn, until } from "./own-process";

export interface SshHost {
  /** Where a login finds the docker command, and by it the engine. */
  readonly url: string;
  /** The same host, where a login finds no docker command. */
  readonly urlWithoutDocker: string;
  /** A directory to put first on PATH: its `ssh` is one that has these things. */
  userWith(what: { readonly key: boolean; readonly hostKey: boolean }): string;
  stop(): Promise<void>;
}

/** @param dockerHost the engine that the docker command on the far side speaks to */
export async function startSshd(dockerHost: string): Promise<SshHost> {
  const dir = mkdtempSync(join(tmpdir(), "longshore-ssh-"));
  const sshd = commandOf("/usr/sbin/sshd", "openssh-server");
  const ssh = commandOf("ssh", "openssh-client");
  const docker = dirname(commandOf("docker", "docker.io"));
  for (const key of ["host", "user", "other"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(dir, key)]);
  copyFileSync(join(dir, "user.pub"), join(dir, "authorized_keys"));
  const [port, bare] = [await freePort(), await freePort()];
  mkdirSync("/run/sshd", { recursive: true });
  writeFileSync(
    join(dir, "sshd_config"),
    `Port ${port}
Port ${bare}
ListenAddress 127.0.0.1
HostKey ${join(dir, "host")}
PidFile none
AuthorizedKeysFile ${join(dir, "authorized_keys")}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Match LocalPort ${port}
  SetEnv DOCKER_HOST=${dockerHost} PATH=${docker}:/usr/bin:/bin
Match LocalPort ${bare}
  SetEnv PATH=/nowhere
`,
  );
  const server = startOwn(join(dir, "log"), sshd, ["-D", "-e", "-f", join(dir, "sshd_config")]);
  const [hostKey = ""] = /^\S+ \S+/.exec(readFileSync(join(dir, "host.pub"), "utf8")) ?? [];
  const known = [port, bare].map((one) => `[127.0.0.1]:${one} ${hostKey}\n`).join("");

  await until(
    "sshd listens",
    () =>
      new Promise<void>((done, fail) => {
        const probe = connect({ host: "127.0.0.1", port }, () => {
          probe.destroy();
          done();
        }).on("error", fail);
      }),
  );
  const url = (at: number) => `ssh://${userInfo().username}@127.0.0.1:${at}`;
  return {
    url: url(port),
    urlWithoutDocker: url(bare),
    userWith({ key, hostKey: isKnown }) {
      const home = mkdtempSync(join(dir, "user-"));
      writeFileSync(join(home, "known_hosts"), isKnown ? known : "");
      writeFileSync(
        join(home, "config"),
        `Host *
  IdentityFile ${join(dir, key ? "user" : "other")}
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${join(home, "known_hosts")}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
`,
      );
      writeFileSync(join(home, "ssh"), `#!/bin/sh\nexec ${ssh} -F ${join(home, "config")} "$@"\n`);
      chmodSync(join(home, "ssh"), 0o755);
      return home;
    },
    async stop() {
      await server.end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
