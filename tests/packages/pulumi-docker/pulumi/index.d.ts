export * from "../../../../node_modules/@pulumi/pulumi";
