// A jest reporter: leaves "N passed, N failed" in the file that scripts/test names, which prints it last.
"use strict";
const { writeFileSync } = require("node:fs");

module.exports = class Summary {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const file = process.env.LONGSHORE_TEST_SUMMARY;
    // A file that does not load has no tests to count, and has failed.
    if (file) writeFileSync(file, `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed\n`);
  }
};
