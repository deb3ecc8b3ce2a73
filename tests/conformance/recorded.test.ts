/** What Nomad's driver asked of an engine, or refused, is what longshore asks or refuses. */
import type { RenderedTask } from "../../cli/render";
import {
  type Recording,
  hasSharedNetwork,
  isRefusal,
  recordings,
  tasksOf as recordedTasks,
  whyUncovered,
} from "./recording";
import { failuresOf, renderOnMachine, tasksOf } from "./rendering";

type Json = Readonly<Record<string, unknown>>;

/** What we do otherwise in every request (spec/decisions.md), as a change to what was recorded. */
const differences: readonly ((request: Json, recording: Recording) => Json)[] = [
  // The label of ownership has our own prefix: Nomad's agent would remove containers that bear its own.
  ({ Labels, ...request }) => {
    const { "com.hashicorp.nomad.alloc_id": id, ...own } = Labels as Json;
    return { ...request, Labels: { ...own, "longshore.alloc_id": id } };
  },
  // The engine restarts tasks, since no agent does.
  ({ HostConfig, ...request }) => ({
    ...request,
    HostConfig: { ...(HostConfig as Json), RestartPolicy: { Name: "unless-stopped" } },
  }),
  // The documented default of allow_caps has NET_RAW, the driver's own has not: what it dropped for that, we do not.
  ({ HostConfig, ...request }, { plugin, jobspec }) => {
    const { CapDrop, ...host } = HostConfig as Json & { readonly CapDrop?: readonly string[] };
    const isOwn = "allow_caps" in plugin || /"cap_drop":\[[^\]]*NET_RAW/i.test(JSON.stringify(jobspec));
    const dropped = isOwn ? CapDrop : CapDrop?.filter((name) => name !== "NET_RAW");
    return { ...request, HostConfig: { ...host, ...(dropped?.length && { CapDrop: dropped }) } };
  },
];

/** The option that each refusal names, and some of why. */
const refusals: Readonly<Record<string, readonly [path: string, reason: RegExp]>> = {
  "cap-drop-unknown": ["g/web.cap_drop[0]", /"BOGUS".*not a capability/],
  "cap-unknown": ["g/web.cap_add[0]", /"BOGUS".*not a capability/],
  "command-whitespace": ["g/web.command", /extra white space/],
  "config-type-mismatch": ["g/web.args", /not a list/],
  "devices-bad-permissions": ["g/web.devices[0].cgroup_permissions", /"rx".*not a set of permissions/],
  "image-empty": ["g/web.image", /image name required/],
  "mount-bind-absolute-disabled": ["g/web.mount", /"\/mb": "\/tmp" is a path of the engine's host.*not enabled/],
  "mount-tmpfs-with-source": ["g/web.mount[0].source", /must be empty for tmpfs/],
  "mount-type-default-is-volume": ["g/web.mount", /"\/mv": it mounts a volume.*not enabled/],
  "plugin-creation-grace-too-small": ["plugin.gc.dangling_containers.creation_grace", /less than the minimum, 1m/],
  "plugin-infra-image-pull-timeout-invalid": ["plugin.infra_image_pull_timeout", /"x".*not a length of time/],
  "plugin-pull-activity-timeout-too-small": ["plugin.pull_activity_timeout", /less than the minimum, 1m/],
  "port-map-without-network": ["g/web.port_map", /cannot map "http".*use ports/],
  "ports-unknown-label": ["g/web.ports", /names "nope"/],
  "ports-without-network": ["g/web.ports", /names "http".*no ports/],
  "privileged-not-allowed": ["g/web.privileged", /allows no privileged containers/],
  "pull-timeout-invalid": ["g/web.image_pull_timeout", /"soon".*not a length of time/],
  "runtime-known-to-engine-not-allowed": ["g/web.runtime", /"io.containerd.runc.v2".*allows nvidia, runc/],
  "task-name-slash": ["g/a--b.name", /Task name cannot include slashes/],
  "ulimit-empty": ["g/web.ulimit.nofile", /is empty/],
  "ulimit-invalid": ["g/web.ulimit.nofile", /"abc".*not a limit/],
  "volume-driver-disabled": ["g/web.volume_driver", /"local".*not enabled/],
  "volumes-relative-escape": [
    "g/web.volumes",
    /"\.\.\/\.\.\/\.\.\/x" leads out of the task's directory, and volumes are not/,
  ],
  "volumes-single-part": ["g/web.volumes[0]", /"\/justpath", which is not "source:target"/],
};

/** What the driver let through and we refuse (spec/decisions.md: bad configs before anything is pulled). */
const refusedByDecision: typeof refusals = {
  // No limit at all came of it: never silent.
  "cpu-hard-limit-period-zero": ["g/web.cpu_cfs_period", /is 0 microseconds/],
  // The engine refused it at creation; what it has is known before.
  "cpuset-cpus-invalid": ["g/web.cpuset_cpus", /"0-99".*CPUs 0-1/],
  // As the doc says, another container's namespace needs allow_privileged.
  "ipc-mode-bare-name": ["g/web.ipc_mode", /"oracle-peer".*allows no privileged containers/],
  // The driver looks into the task's local/, which no program can fill before its image is there; we look where the
  // program runs, and before anything is pulled.
  "load-absolute-path": ["g/web.load", /tarred.tar", where there is no such file/],
  "load-missing-file": ["g/web.load", /"nope.tar", where there is no such file/],
  // The driver looks at it only when it pulls.
  "pull-timeout-invalid-image-present": ["g/web.image_pull_timeout", /"soon".*not a length of time/],
  // The engine refused the name when it was asked to make the volume.
  "volume-driver-local-short-name": ["g/web.volumes", /"x" is not the name of a volume/],
  // The driver lost the fourth part without a word.
  "volumes-four-parts": ["g/web.volumes[0]", /"local\/a:\/m1:ro:z", which is not "source:target"/],
};

const isCovered = (recording: Recording) =>
  recording.name in refusedByDecision || whyUncovered(recording) === undefined;
const covered = recordings.filter(isCovered);
const asked = covered.filter(
  (recording) => !isRefusal(recording) && !(recording.name in refusedByDecision) && !hasSharedNetwork(recording),
);
const sharing = covered.filter(hasSharedNetwork);
const expected = covered.flatMap((recording) => {
  const refusal = refusedByDecision[recording.name] ?? (isRefusal(recording) ? refusals[recording.name] : undefined);
  return refusal ? [[recording.name, recording, ...refusal] as const] : [];
});
const equal = new Set<string>();

const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** The environment of each container; the image's own variables are the engine's to add. */
function environments(recording: Recording): readonly Readonly<Record<string, string>>[] {
  const { env = {} } = recording.observed;
  const own = new Set(recordedTasks(recording).flatMap(({ Env = {} }) => Object.keys(Env)));
  const each = Object.values(env).every((value) => typeof value === "object") ? Object.values(env) : [env];
  return each.map(
    (variables) =>
      Object.fromEntries(
        Object.entries(variables as Json).filter(([name]) => name.startsWith("NOMAD_") || own.has(name)),
      ) as Record<string, string>,
  );
}

/** What a task's values are called in the recording: `$ALLOC2`, `$PORT_http2`. */
function placeholders(
  task: RenderedTask,
  environment: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, string> {
  const names = ["NOMAD_ALLOC_ID", ...Object.keys(environment).filter((name) => name.startsWith("NOMAD_HOST_PORT_"))];
  return new Map([
    ["$DATA", "/var/lib/longshore"],
    ...names.map((name) => [environment[name] ?? "$ALLOC", task.env[name] ?? ""] as const),
  ]);
}

const filled = <T>(recorded: T, values: ReadonlyMap<string, string>): T =>
  JSON.parse(
    [...values].reduce(
      (text, [name, value]) => text.replaceAll(new RegExp(`\\${name}(?!\\d)`, "g"), value),
      JSON.stringify(recorded),
    ),
  ) as T;

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test.each(asked.map((recording) => [recording.name, recording] as const))(
  "%s is asked for alike",
  (name, recording) => {
    const tasks = tasksOf(renderOnMachine(recording.jobspec, recording.plugin));
    const requests = list(recording.observed.create_request);
    const variables = environments(recording);
    for (const task of tasks) {
      const environment = variables.find(
        (one) => one.NOMAD_ALLOC_INDEX === String(task.index) && one.NOMAD_TASK_NAME === task.task,
      );
      const values = placeholders(task, environment);
      const { Env, ...create } = task.create;
      const wanted = filled(requests, values)
        .map((request) => differences.reduce((changed, difference) => difference(changed, recording), request))
        .filter(({ Labels }) => (Labels as Json)["longshore.alloc_id"] === task.env.NOMAD_ALLOC_ID);
      expect(wanted.length).toBeGreaterThan(0);
      for (const request of wanted) expect(plain(create)).toEqual(request);
      expect(Env).toEqual(Object.entries(task.env).map(([variable, value]) => `${variable}=${value}`));
      if (recording.observed.env) expect(task.env).toEqual(filled(environment, values));
    }
    equal.add(name);
  },
);

/** A container as it was inspected, as far as it shows what was asked for. */
const askedFor = ({ Config, HostConfig }: Json): Json => {
  const { Hostname: _, AttachStdout: __, AttachStderr: ___, Entrypoint: ____, ...config } = Config as Json;
  const { Runtime: _____, ...host } = HostConfig as Json;
  return { ...config, HostConfig: host };
};

/** What a request says of the fields that an inspected container shows. */
const shownOf = (wanted: Json, create: Json): Json =>
  Object.fromEntries(
    Object.keys(wanted).map((key) => {
      const [inner, value] = [wanted[key], create[key]];
      return [key, key === "HostConfig" ? shownOf(inner as Json, value as Json) : value];
    }),
  );

describe.each(sharing.map((recording) => [recording.name, recording] as const))("%s", (name, recording) => {
  const { inspect = {}, behaviour = [] } = recording.observed;
  const { result } = renderOnMachine(recording.jobspec, recording.plugin);
  const { tasks = [], infra = [] } = "tasks" in result ? result : {};
  const [mode] = recording.jobspec.Job.TaskGroups.flatMap(({ Networks = [] }) => Networks.map(({ Mode }) => Mode));

  test("its tasks are made alike", () => {
    for (const task of tasks) {
      const recorded = inspect[`${task.task}-$ALLOC1`];
      const [environment = {}] = environments(recording).filter(({ NOMAD_TASK_NAME: one }) => one === task.task);
      // Where Nomad's agent has no plugins for the network, it placed nothing: then the container's network is all there is.
      if (!recorded) {
        expect(behaviour.join()).toMatch(/not placed.*missing network/);
        expect(task.create.HostConfig?.NetworkMode).toBe(`container:${infra[0]?.name ?? ""}`);
        continue;
      }
      const wanted = differences.reduce(
        (changed, difference) => difference(changed, recording),
        filled(askedFor(recorded), placeholders(task, environment)),
      );
      expect(plain(shownOf(wanted, task.create as Json))).toEqual(wanted);
      expect(task.env).toEqual(filled(environment, placeholders(task, environment)));
    }
    expect(tasks.length).toBeGreaterThan(0);
    equal.add(name);
  });

  test("its infra container has the name and the image, and the network from the engine in the place of CNI", () => {
    const [only] = infra;
    const id = tasks[0]?.env.NOMAD_ALLOC_ID ?? "";
    expect(infra).toHaveLength(1);
    expect(only?.name).toBe(`longshore_init_${id}`);
    expect(only?.create.Image).toBe(recording.plugin.infra_image);
    expect(only?.create.HostConfig?.NetworkMode).toBe(mode === "none" ? "none" : "default");
    // What a task publishes itself, the infra container leaves alone.
    const ofTasks = tasks.flatMap(({ create }) => Object.keys(create.HostConfig?.PortBindings ?? {}));
    const ofInfra = Object.keys(only?.create.HostConfig?.PortBindings ?? {});
    expect(ofInfra.filter((port) => ofTasks.includes(port))).toEqual([]);
  });
});

test.each(expected)("%s is refused alike", (name, recording, path, reason) => {
  const failures = failuresOf(renderOnMachine(recording.jobspec, recording.plugin));
  const named = failures.filter((failure) => failure.path === (path.startsWith("plugin.") ? path : `${name}/${path}`));
  expect(named.map((failure) => failure.reason)).toEqual([expect.stringMatching(reason)]);
  // The jobs that only try a plugin's options have no image.
  expect(
    failures.filter((failure) => !named.includes(failure) && !failure.reason.startsWith("image is required")),
  ).toEqual([]);
  equal.add(name);
});

test("every covered case is compared", () => {
  expect(covered.map(({ name }) => name).filter((name) => !equal.has(name))).toEqual([]);
});

afterAll(() => {
  const others = Map.groupBy(
    recordings.filter((recording) => !isCovered(recording)),
    (recording) => whyUncovered(recording) ?? "",
  );
  const lines = [...others].sort().map(([why, cases]) => `  ${why}: ${cases.map(({ name }) => name).join(", ")}`);
  console.log(
    [
      `recorded cases: ${covered.length} of ${recordings.length} covered, ${equal.size} equal; the others:`,
      ...lines,
    ].join("\n"),
  );
});
