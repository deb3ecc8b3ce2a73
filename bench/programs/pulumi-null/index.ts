// As a user writes it: TypeScript whose types are checked at each run, and a provider that becomes part of the state.
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

interface Container {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMb: number;
}

const provider: pulumi.dynamic.ResourceProvider<Container, Container> = {
  create: (inputs) => Promise.resolve({ id: inputs.name, outs: inputs }),
  read: (id, props) => Promise.resolve({ id, ...(props && { props }) }),
  diff(_id, olds, news) {
    const replaces = JSON.stringify(olds.env) === JSON.stringify(news.env) ? [] : ["env"];
    return Promise.resolve({ changes: replaces.length > 0 || olds.memoryMb !== news.memoryMb, replaces });
  },
  update: (_id, _olds, news) => Promise.resolve({ outs: news }),
  delete: () => Promise.resolve(),
};

class Nothing extends pulumi.dynamic.Resource {
  constructor(name: string, inputs: Container) {
    super(provider, name, { ...inputs });
  }
}

const { containers } = JSON.parse(readFileSync("spec.json", "utf8")) as { containers: Container[] };
for (const container of containers) new Nothing(container.name, container);
