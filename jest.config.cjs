/** Tests run on the sources; what runs in other processes (the provider, programs) runs on dist/. */
// Engines and daemons of their own, in namespaces of their own: the tests that start them need Linux and root.
const needsRoot = [
  ...["cli-transports", "endpoints", "moving"].map((name) => `tests/engine/${name}.test.ts`),
  "tests/faults/engine-kills.test.ts",
];
const isRoot = process.platform === "linux" && process.getuid() === 0;
if (!isRoot) console.warn(`not run here, for want of root on Linux: ${needsRoot.join(", ")}`);

// What waits in the background of one test removes the images of another. Those that are about it switch it on.
process.env.LONGSHORE_GC_IN_BACKGROUND ??= "0";

module.exports = {
  testEnvironment: "node",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", ...(isRoot ? [] : needsRoot)],
  // Copies of programs, each with a package.json of its own.
  modulePathIgnorePatterns: ["<rootDir>/.longshore", "<rootDir>/dist", "<rootDir>/bench", "<rootDir>/examples"],
  transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "<rootDir>/tsconfig.json", diagnostics: false }] },
  moduleNameMapper: {
    "^longshore$": "<rootDir>/constructs/index.ts",
    "^longshore/policy$": "<rootDir>/policy/index.ts",
    "^(@pulumi/docker(?:-build)?)$": "<rootDir>/tests/packages/pulumi-docker/node_modules/$1",
  },
  testTimeout: 60_000,
  // Much of the time is waiting: for a healthcheck, a pause between two tries, a grace to end.
  maxWorkers: 3,
};
