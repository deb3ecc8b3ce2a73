/** What was asked of a task cannot be: there is none, or more than one, or it cannot do that. */
export class TaskError extends Error {
  override readonly name = "TaskError";
  constructor(
    message: string,
    /** `name`: what was written means no task. `state`: it means one, which cannot do it now. */
    readonly about: "name" | "state",
  ) {
    super(message);
  }
}
