/** Tests run on the sources; what runs in other processes (the provider, programs) runs on dist/. */
module.exports = {
  testEnvironment: "node",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  transform: {
    "^.+\\.ts$": ["ts-jest", { isolatedModules: true, tsconfig: "<rootDir>/tsconfig.json", diagnostics: false }],
  },
  moduleNameMapper: { "^longshore$": "<rootDir>/constructs/index.ts" },
  testTimeout: 60_000,
  maxWorkers: 2,
};
