/** The page of an engine's attributes. */
import { attributeRows } from "../../provider/attributes";

const head = `# Attributes of an engine

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

export const attributes = (): string =>
  head +
  Object.entries(attributeRows)
    .map(([name, { is }]) => `| \`${name}\` | ${is} |\n`)
    .join("") +
  tail;
