/** The folds: each answers one question for a whole table, and names no option. */
export { didYouMean } from "./did-you-mean";
export { canonical, changes } from "./folds/compare";
export { drift, toEngine, toUpdate } from "./folds/engine";
export { type Failure, pathText } from "./folds/failure";
export { type Filled, filledValues, interpolatedOf, isNotYet } from "./folds/fill";
export {
  type Exposed,
  deprecations,
  exclusives,
  exposures,
  notices,
  violations,
  warnings,
  withoutEffect,
} from "./folds/judge";
export { hasUnknown } from "./folds/known";
export { inherited, resolved, valuesOn, withoutQuietDefaults } from "./folds/settle";
export { validate } from "./folds/validate";
export { nomadName } from "./names";
