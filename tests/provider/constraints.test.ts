/** Constraints as Nomad's scheduler reads them, and what is said of those that are not met. */
import { type Constraint, constraintSchema } from "../../provider/constraints/constraint";
import { crowded, unmet } from "../../provider/constraints/judge";
import { operatorNames, operatorOf } from "../../provider/constraints/operators";
import { compareVersions, tryParseVersion } from "../../provider/constraints/version";

const meets = (attribute: string | undefined, operator: string, value: string | undefined) =>
  operatorOf(operator)?.meets(attribute, value);

describe("operators", () => {
  test.each([
    ["a", "=", "a", true],
    ["a", "==", "b", false],
    ["a", "is", "a", true],
    [undefined, "=", "a", false],
    ["a", "!=", "b", true],
    ["a", "not", "a", false],
    [undefined, "!=", "a", true],
    ["9", "<", "10", true],
    ["9", "<", "10a", false],
    ["b", ">", "a", true],
    ["10", ">=", "10.0", true],
    ["11", "<=", "10", false],
    [undefined, "<", "1", false],
    ["1e3", ">", "999", true],
    ["linux", "regexp", "^(?i)LIN", true],
    ["linux", "regexp", "lin\\z", false],
    [undefined, "regexp", ".*", false],
    ["a,b,c", "set_contains", "a, c", true],
    ["a,b,c", "set_contains_all", "a,d", false],
    ["a,b,c", "set_contains_any", "d,b", true],
    ["a,b,c", "set_contains_any", "d", false],
    [undefined, "set_contains", "a", false],
    ["x", "is_set", undefined, true],
    [undefined, "is_set", undefined, false],
    [undefined, "is_not_set", undefined, true],
  ])("%s %s %s: %s", (attribute, operator, value, is) => expect(meets(attribute, operator, value)).toBe(is));

  test("a regular expression takes time in proportion to the text", () =>
    expect(meets(`${"a".repeat(30_000)}b`, "regexp", "^(a+)+$")).toBe(false));

  test("each word for one is known, and each has examples above or counts allocations", () =>
    expect(operatorNames.filter((word) => !operatorOf(word))).toEqual(["distinct_hosts", "distinct_property"]));
});

describe("versions", () => {
  test.each([
    ["1.2.3", ">= 1.2", true],
    ["1.2", "= 1.2.0", true],
    ["v1.2", "1.2", true],
    ["20.10.24+dfsg1", ">= 19.3, < 21", true],
    ["20.10.24+dfsg1", "= 20.10.24", true],
    ["1.2.3", "~> 1.2.0", true],
    ["1.3.0", "~> 1.2.0", false],
    ["1.3.0", "~> 1.2", true],
    ["2.0.0", "~> 1.2", false],
    ["1.2.3.4", "> 1.2.3", true],
    ["1.2.3", "!= 1.2.3", false],
    ["1.2.3", "> 1.2.3", false],
    ["1.2.3", "<= 1.2.3", true],
    ["1.2.3-beta", ">= 1.0", false],
    ["1.2.3-beta", ">= 1.2.3-alpha", true],
    ["1.2.3-beta.10", "> 1.2.3-beta.9", true],
    ["1.2.4-beta", ">= 1.2.3-alpha", false],
    ["5.10.0-19-amd64", ">= 4.0", false],
    ["nonsense", ">= 1", false],
  ])("version: %s %s: %s", (version, range, is) => expect(meets(version, "version", range)).toBe(is));

  test.each([
    ["1.6.0-beta", ">= 1.0", true],
    ["1.0.0-beta", ">= 1.0.0", false],
    ["5.10.0-19-amd64", ">= 4.0.0", true],
    ["1.0.0", "> 1.0.0-rc1", true],
  ])("semver: %s %s: %s", (version, range, is) => expect(meets(version, "semver", range)).toBe(is));

  test("in order", () => {
    const order = [
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-alpha.beta",
      "1.0.0-beta",
      "1.0.0-beta.2",
      "1.0.0-beta.11",
      "1.0.0-rc.1",
      "1.0.0",
      "1.0.0.1",
      "1.0.1",
    ];
    const parsed = order.map((text) => tryParseVersion(text));
    for (const [index, one] of parsed.entries())
      for (const [other, two] of parsed.entries())
        expect([order[index], order[other], one && two && Math.sign(compareVersions(one, two))]).toEqual([
          order[index],
          order[other],
          Math.sign(index - other),
        ]);
  });
});

const wrongWith = (constraint: object) =>
  constraintSchema
    .safeParse(constraint)
    .error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`)
    .join("\n") ?? "";

describe("what is refused when it is written", () => {
  test.each([
    [
      { attribute: "${attr.a}", operator: "=>", value: "1" },
      /^operator is no operator; did you mean =\?$|^operator is no operator; did you mean >=\?$/,
    ],
    [{ attribute: "${attr.a}", operator: "regex", value: "1" }, /did you mean regexp\?/],
    [{ operator: "=", value: "1" }, /^attribute is missing; "=" needs one/],
    [{ attribute: "${attr.a}" }, /^value is missing; "=" needs one/],
    [{ attribute: "${NOMAD_DC}", value: "1" }, /^attribute is no one name of an engine; write "\$\{attr/],
    [{ attribute: "x ${attr.a}", value: "1" }, /^attribute is no one name/],
    [{ attribute: "${attr.a}", operator: "version", value: ">= one" }, /^value holds ">= one", which is no version/],
    [{ attribute: "${attr.a}", operator: "semver", value: "~> 1" }, /^value holds "~> 1"/],
    [{ attribute: "${attr.a}", operator: "regexp", value: "(" }, /^value is no regular expression in RE2's dialect: /],
    [{ attribute: "${attr.a}", operator: "regexp", value: "(a)\\1" }, /^value is no regular expression/],
    [{ attribute: "${attr.a}", operator: "set_contains", value: " ," }, /^value names nothing/],
    [{ operator: "distinct_hosts", value: "yes" }, /^value is neither/],
    [{ attribute: "${attr.a}", operator: "distinct_property", value: "0" }, /^value is no whole number/],
    [{ attribute: "${attr.a}", valeu: "0" }, /valeu/],
  ])("%j", (constraint, reason) => expect(wrongWith(constraint)).toMatch(reason));

  test.each([
    [{ attribute: "${attr.a}", value: "" }],
    [{ attribute: "${attr.a}", operator: "is_set" }],
    [{ attribute: "${attr.a}", operator: "version", value: "${attr.b}" }],
    [{ operator: "distinct_hosts" }],
    [{ attribute: "${node.unique.id}", operator: "distinct_property", value: "2" }],
  ])("not %j", (constraint) => expect(wrongWith(constraint)).toBe(""));
});

describe("what is said of an engine that is another one", () => {
  const attributes = { "attr.cpu.arch": "amd64", "attr.kernel.name": "linux", "meta.rack": "r1" };
  const said = (constraint: Partial<Constraint>) => unmet({ operator: "=", ...constraint }, attributes);
  const wayOut = "; name another engine, or take it out";
  test.each([
    [
      { attribute: "${attr.cpu.arch}", value: "arm64" },
      `is not met: \${attr.cpu.arch} is "amd64", and must be "arm64"${wayOut}`,
    ],
    [
      { attribute: "${attr.cpu.arc}", value: "amd64" },
      `is not met: \${attr.cpu.arc} is not known of this engine (it has attr.cpu.arch), and must be "amd64"${wayOut}`,
    ],
    [
      { attribute: "${meta.zone}", operator: "is_set" },
      `is not met: \${meta.zone} is not known of this engine, and must be known of the engine${wayOut}`,
    ],
    [
      { attribute: "${attr.kernel.name}", operator: "regexp", value: "^win" },
      `is not met: \${attr.kernel.name} is "linux", and must match "^win"${wayOut}`,
    ],
    [
      { attribute: "${attr.cpu.arch}", value: "${meta.rack}" },
      `is not met: \${attr.cpu.arch} is "amd64", and must be "r1" (\${meta.rack})${wayOut}`,
    ],
    [{ attribute: "${attr.cpu.arch}", value: "amd64" }, undefined],
    [{ attribute: "r1", value: "${meta.rack}" }, undefined],
  ])("%j", (constraint, text) => expect(said(constraint)).toBe(text));
});

describe("allocations that are to be apart", () => {
  const of = (constraint: Partial<Constraint>, count: number) =>
    crowded({ operator: "=", ...constraint }, { group: "web/front", count });
  test.each([
    [
      { operator: "distinct_hosts" },
      2,
      /^is not met: web\/front has 2 allocations, all on one engine; lower its count/,
    ],
    [{ operator: "distinct_hosts" }, 1, undefined],
    [{ operator: "distinct_hosts", value: "false" }, 2, undefined],
    [{ operator: "distinct_property", attribute: "${meta.rack}" }, 2, /one alone may have its \$\{meta\.rack\}/],
    [{ operator: "distinct_property", attribute: "${meta.rack}", value: "2" }, 3, /2 of them may share/],
    [{ operator: "distinct_property", attribute: "${meta.rack}", value: "2" }, 2, undefined],
  ])("%j of %s", (constraint, count, reason) =>
    reason ? expect(of(constraint, count)).toMatch(reason) : expect(of(constraint, count)).toBeUndefined(),
  );
});
