import { command } from "../command";
import { exitCodes } from "../exit-codes";

export const policy = command({
  summary: "what the rules of longshore/policy say of an exported state",
  about:
    'Judges what a stack has, by the file that "pulumi stack export --file" wrote: without a login, an engine or the ' +
    "program. The exit code is 2 when a mandatory rule is violated. What is encrypted in the file is not looked into.",
  arguments: [{ name: "STATE.json", is: "one exported state", completes: "file" }],
  options: {
    config: {
      value: "POLICY.json",
      help:
        'levels and config of the rules, as for pulumi preview --policy-pack-config: {"root-user": "mandatory", ' +
        '"devices": {"allow": ["/dev/fuse"]}}',
    },
    json: { help: '{"violations": [{rule, level, urn, resource, property, message}], "resources": 3}' },
  },
  notes: "docs/policy.md says what the rules are.",
  async run({ values: { config, json }, positionals: [state = ""] }, { print, say }) {
    const { judged } = await import("../policy.js");
    const { text, summary, isRefused } = judged({ state, config, json });
    print(text);
    say(`${summary}\n`);
    return isRefused ? exitCodes.refused : exitCodes.done;
  },
});
