/** What every row is to run: the containers, their changes from phase to phase, and who counts as one of them. */

/** In this order, each from what the one before left. */
export const phases = ["create", "noop", "noopLive", "preview", "change1", "memAll", "refresh", "destroy"];

/** On the engine before the first phase: nothing is pulled. What is pulled by the other benchmark is built on it. */
export const image = "longshore/busybox:1.35";

/** Each container bears its name under this label, and no other of the workload's. */
export const label = "bench";

const container = (name, image) => ({
  group: name,
  name,
  image,
  command: ["sleep", "3600"],
  labels: { [label]: name },
  env: { BENCH_VALUE: "a" },
  memoryMb: 32, // and no swap
  killSignal: "SIGKILL",
  killTimeoutSeconds: 1,
});

/** N containers of a run; `run` is unique, so that nothing of another run is met. */
export const workload = (run, n) => ({
  run,
  containers: Array.from({ length: n }, (_, index) => container(`${run}-${index}`, image)),
});

/** As many containers of each image, a group for each image; without a network, for starting is not what is measured. */
export const pullingWorkload = (run, references, tasks) => ({
  run,
  containers: references.flatMap((reference, image) =>
    Array.from({ length: tasks }, (_, task) => ({
      ...container(`${run}-${image}-${task}`, reference),
      group: `image-${image}`,
      networkMode: "none",
    })),
  ),
});

const each = (spec, change) => ({ ...spec, containers: spec.containers.map(change) });

/** The workload with a phase's change made. */
export function asOf(phase, spec) {
  const middle = Math.floor(spec.containers.length / 2);
  switch (phase) {
    case "change1":
      return each(spec, (container, index) =>
        index === middle ? { ...container, env: { BENCH_VALUE: "b" } } : container,
      );
    case "memAll":
      return each(spec, (container) => ({ ...container, memoryMb: 48 }));
    default:
      return spec;
  }
}
