/** Makes whole lines of what comes in pieces. */
export class Lines {
  private rest: Buffer = Buffer.alloc(0);

  /** Whether the next piece begins a line. */
  get isEmpty(): boolean {
    return this.rest.length === 0;
  }

  /** The lines that are whole now, each with its end. */
  add(piece: Buffer): readonly string[] {
    const all = this.isEmpty ? piece : Buffer.concat([this.rest, piece]);
    const end = all.lastIndexOf("\n") + 1;
    this.rest = all.subarray(end);
    return end === 0
      ? []
      : (all
          .subarray(0, end)
          .toString("utf8")
          .match(/[^\n]*\n/g) ?? []);
  }

  /** What is left when no more comes. */
  end(): readonly string[] {
    const rest = this.rest.toString("utf8");
    this.rest = Buffer.alloc(0);
    return rest === "" ? [] : [rest];
  }
}
