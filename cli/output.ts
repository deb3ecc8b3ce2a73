/** Where a command writes. */
export interface Output {
  /** The result. */
  print(text: string): void;
  /** What happens meanwhile. */
  say(text: string): void;
}
