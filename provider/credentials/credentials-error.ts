/** Why a place could not be looked into, in words of ours: never of a file's content, or of a program's output. */
export class Obstacle extends Error {
  override readonly name = "Obstacle";
}

/** A place that may hold credentials could not be looked into. Says which, for which registry, why, and the way out. */
export class CredentialsError extends Error {
  override readonly name = "CredentialsError";
}
