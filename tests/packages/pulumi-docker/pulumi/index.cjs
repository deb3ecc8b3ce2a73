module.exports = require("../../../../node_modules/@pulumi/pulumi");
