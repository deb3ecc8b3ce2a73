"use strict";
// No closure is serialized: the provider is a file that a constant text names.
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");

const __provider = 'exports.handler = () => require(process.cwd() + "/provider.js");';

class Container extends pulumi.CustomResource {
  constructor(name, inputs) {
    super("pulumi-nodejs:dynamic:Resource", name, { ...inputs, __provider });
  }
}

for (const container of JSON.parse(readFileSync("spec.json", "utf8")).containers)
  new Container(container.name, container);
