/** The page of an engine's attributes. */
import { operators } from "../../provider/constraints/operators";
import { attributeRows } from "../../provider/attributes";

const head = `# Attributes of an engine, and constraints

<!-- Written by \`npm run docs\` from provider/attributes.ts; a change goes there. -->

What is known of an engine and its machine, by the names of Nomad's fingerprint:

- \`longshore info [--json]\` prints it;
- [texts of a task](interpolation.md) name it: \`args: ["--arch", "\${attr.cpu.arch}"]\`;
- a program reads it: \`app.attributes\`, or \`plugin.attributes\` where there are several engines. Previews ask the engine too;
  where it does not answer, they go on without, and say so.

\`\`\`ts
new Task(group, "web", { image: interpolate\`registry.example/web-\${app.attributes["attr.cpu.arch"]}:1\` });
\`\`\`

| name | |
| - | - |
`;

const tail = `| \`meta.KEY\` | the engine's label KEY: \`dockerd --label rack=r1\` gives \`meta.rack\` |
| \`node.datacenter\`, \`node.region\` | what the job says; in texts only |

What an engine does not say, it does not have: there is no \`attr.cpu.totalcompute\` of a machine elsewhere whose plugin does not say
\`cpuTotalCompute\`, and no \`attr.driver.docker.privileged.enabled\` where privileged containers are not allowed.
`;

const constraints = `
## Constraints

A job, a group or a task may say what its engine has to be. Each preview asks the engine, and refuses what is not met with
the reason; an engine that does not answer is asked when the container is made.

\`\`\`ts
new Job(app, "shop", {
  constraints: [
    { attribute: "\${attr.cpu.arch}", operator: "=", value: "amd64" },
    { attribute: "\${attr.driver.docker.version}", operator: "version", value: ">= 20.10, < 30" },
    { attribute: "\${meta.rack}", operator: "set_contains_any", value: "r1,r2" },
  ],
});
\`\`\`

\`\`\`
longshore:Task (web/server[0]/echo):
  error: constraints[0] of job "web" is not met: \${attr.cpu.arch} is "arm64", and must be "amd64"; name another engine, or take it out
\`\`\`

In a job file they are Nomad's \`Constraints\`: \`{ "LTarget": "\${attr.cpu.arch}", "Operand": "=", "RTarget": "amd64" }\`. Each side is a
text, or one name of the engine. A change of a constraint touches no container.

| operator | the attribute |
| - | - |
`;

const ofCount = `| \`distinct_hosts\` | none: the allocations of a group are to be on different machines. One engine is one machine: a count above 1 is refused |
| \`distinct_property\` | may be shared by as many allocations as \`value\` says, 1 when it is left out |

- \`<\` and its like compare numbers where both sides are numbers, else texts.
- \`version\` takes a version before a release (\`1.2.3-beta\`) only where the range names one of the same release; \`semver\` takes it
  wherever its order puts it. \`version\` also knows \`~> 1.2\`: at least 1.2, below 2.
- \`regexp\` is RE2's dialect, which is Go's: it takes no longer for a hostile pattern.
- An attribute that is not known meets no operator but \`!=\` and \`is_not_set\`.
`;

const words = (name: string, also: readonly string[] = []) => [name, ...also].map((word) => `\`${word}\``).join(", ");

export const attributes = (): string =>
  head +
  Object.entries(attributeRows)
    .map(([name, { is }]) => `| \`${name}\` | ${is} |\n`)
    .join("") +
  tail +
  constraints +
  Object.entries(operators)
    .map(
      ([name, { also, says, takes }]) => `| ${words(name, also)} | ${says}${takes === "both" ? " the value" : ""} |\n`,
    )
    .join("") +
  ofCount;
