/** Tests run on the sources; what runs in other processes (the provider, programs) runs on dist/. */
module.exports = {
  testEnvironment: "node",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  // Copies of programs, each with a package.json of its own.
  modulePathIgnorePatterns: ["<rootDir>/.longshore", "<rootDir>/dist", "<rootDir>/bench", "<rootDir>/examples"],
  transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "<rootDir>/tsconfig.json", diagnostics: false }] },
  moduleNameMapper: {
    "^longshore$": "<rootDir>/constructs/index.ts",
    "^(@pulumi/docker(?:-build)?)$": "<rootDir>/tests/packages/pulumi-docker/node_modules/$1",
  },
  testTimeout: 60_000,
  maxWorkers: 2,
};
