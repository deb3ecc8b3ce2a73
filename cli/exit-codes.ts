/** How the command ends: numbers with the meaning that they have for Pulumi's own command. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** What was written is not right: the command line, or a file. */
  refused: 2,
} as const;
