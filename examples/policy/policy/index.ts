import { PolicyPack } from "@pulumi/policy";
import { longshorePolicies } from "longshore/policy";

new PolicyPack("containers", {
  policies: longshorePolicies({
    registries: { allow: ["docker.io/longshore", "docker.io/library"] },
    // Built on the engine: they have no digest in a registry.
    "pinned-images": { enforcementLevel: "mandatory", allow: ["docker.io/longshore"] },
    "memory-limit": { maximum: 1024 },
    "pids-limit": "mandatory",
    "root-user": "mandatory",
  }),
});
