/** How long an engine is borne with. */

/** Nomad's driver's pauses, each before one more try of a call that may pass a moment later. */
export const pausesMs: readonly number[] = [200, 800, 3_200, 12_800, 51_200];

/** After so long nothing more is tried: an engine that says nothing takes its minutes for each call. */
export const patienceMs = 90_000;

/** How long an engine may say nothing before its answer counts as lost, as the driver has it. */
export const silenceMs = 5 * 60_000;

/** The same for its first word. */
export const firstSilenceMs = 30_000;
