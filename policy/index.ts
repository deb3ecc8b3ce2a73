/** `longshore/policy`: the public names, nothing else. */
export { longshorePolicies } from "./pack";
export type { Level } from "./rule";
export type { RuleName } from "./rules";
export { type PolicySettings, PolicySettingsError } from "./settings";
export { type PolicyViolation, StateError, type StateReport, checkState } from "./state";
