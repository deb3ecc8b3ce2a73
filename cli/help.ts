/** What `--help` says, out of the table of commands. */
import { type Argument, type Command, type Option, type Options, common } from "./command";

const width = 120;

/** Lines of words that fit, all but the first moved in by so much. */
function wrapped(text: string, indent: number): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    const longer = last === "" ? word : `${last} ${word}`;
    if (last === "" || longer.length <= width - indent) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** Two columns, the second one wrapped. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const first = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(first)}   ${wrapped(right, first + 5)}\n`).join("");
}

const written = (name: string, { short, value }: Option): string =>
  `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;

const optionRows = (options: Options) =>
  Object.entries(options).map(([name, option]) => [written(name, option), option.help] as const);

const argumentText = ({ name, optional, many }: Argument): string => {
  const text = many ? `${name}…` : name;
  return optional ? `[${text}]` : text;
};

const words = (name: string, { arguments: all = [] }: Command): string =>
  ["longshore", name, ...all.map(argumentText)].join(" ");

const restText = ({ rest }: Command): string => (rest ? ` -- ${argumentText(rest)}` : "");

/** `longshore render JOB.json [OPTIONS]` */
const usage = (name: string, command: Command): string => `${words(name, command)} [OPTIONS]${restText(command)}`;

export const helpOf = (name: string, command: Command): string =>
  [
    `${usage(name, command)}\n`,
    ...command.about.split("\n\n").map((part) => `${wrapped(part, 0)}\n`),
    columns(optionRows({ ...command.options, ...common })),
    ...(command.notes === undefined ? [] : [`${wrapped(command.notes, 0)}\n`]),
  ].join("\n");

export const helpOfAll = (
  commands: Readonly<Record<string, Command>>,
): string => `longshore: containers with the semantics of Nomad's docker driver

${columns(
  Object.entries(commands).map(([name, command]) => [`${words(name, command)}${restText(command)}`, command.summary]),
)}
  longshore COMMAND --help says more about a command
`;
