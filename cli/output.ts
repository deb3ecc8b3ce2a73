/** Where a command writes. */
export interface Output {
  /** The result. */
  print(text: string): void;
  /** What happens meanwhile. */
  say(text: string): void;
  /** The command's own input and outputs, for what is passed on as it is. */
  readonly streams: {
    readonly stdin: NodeJS.ReadStream;
    readonly stdout: NodeJS.WriteStream;
    readonly stderr: NodeJS.WriteStream;
  };
}
