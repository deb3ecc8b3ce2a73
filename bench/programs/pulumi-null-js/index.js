"use strict";
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");

const provider = {
  create: async (inputs) => ({ id: inputs.name, outs: inputs }),
  read: async (id, props) => ({ id, props }),
  async diff(_id, olds, news) {
    const replaces = JSON.stringify(olds.env) === JSON.stringify(news.env) ? [] : ["env"];
    return { changes: replaces.length > 0 || olds.memoryMb !== news.memoryMb, replaces };
  },
  update: async (_id, _olds, news) => ({ outs: news }),
  delete: async () => {},
};

class Nothing extends pulumi.dynamic.Resource {
  constructor(name, inputs) {
    super(provider, name, { ...inputs });
  }
}

for (const container of JSON.parse(readFileSync("spec.json", "utf8")).containers)
  new Nothing(container.name, container);
