/** Texts with `${…}`, as HCL and Nomad's driver read them. */
import { filled, filledForShell } from "../../../provider/interpolation/fill";
import { TemplateError } from "../../../provider/interpolation/expression";
import { KnownLater, type Known, type Names, type Scope, notYet } from "../../../provider/interpolation/scope";

const names = (values: Readonly<Record<string, Known>>): Names => ({
  all: Object.keys(values),
  get: (name) => (Object.hasOwn(values, name) ? values[name] : undefined),
});
const scope: Scope = {
  env: names({
    NOMAD_TASK_NAME: "web",
    NOMAD_PORT_http: "8080",
    NOMAD_ALLOC_ID: notYet,
    GREETING: "hello",
    "WITH.DOT": "dotted",
    EMPTY: "",
    JSON: '{"a":{"b":[1,2]},"s":"x"}',
  }),
  engine: names({
    "attr.cpu.arch": "amd64",
    "attr.driver.docker": "1",
    "attr.driver.docker.version": "20.10.24",
    "meta.rack": "r1",
    "node.datacenter": "dc1",
  }),
};

describe("what is evaluated", () => {
  test.each([
    ["plain", "plain"],
    ["$FOO and $(date) and $$", "$FOO and $(date) and $$"],
    ["a ${NOMAD_TASK_NAME} b ${GREETING}", "a web b hello"],
    ["${ NOMAD_TASK_NAME }", "web"],
    ['${env["WITH.DOT"]}', "dotted"],
    ['${env["GREETING"]}', "hello"],
    ["${env.GREETING}", "hello"],
    ["${attr.cpu.arch}", "amd64"],
    ['${attr["cpu.arch"]}', "amd64"],
    ["${attr.driver.docker}", "1"],
    ["${attr.driver.docker.version}", "20.10.24"],
    ["${meta.rack}/${node.datacenter}", "r1/dc1"],
    ["$${NOMAD_TASK_NAME}", "${NOMAD_TASK_NAME}"],
    ["$$${NOMAD_TASK_NAME}", "$${NOMAD_TASK_NAME}"],
    ["%%{if}", "%{if}"],
    ["%{http_code}", "%{http_code}"],
    ['"${GREETING}"', '"hello"'],
    ['${"quoted ${GREETING} \\"x\\" \\\\ \\n"}', 'quoted hello "x" \\ \n'],
    ["${NOMAD_PORT_http + 1}", "8081"],
    ["${1 + 2 * 3}", "7"],
    ["${(1 + 2) * 3}", "9"],
    ["${7 % 4 - -2}", "5"],
    ["${10 / 4}", "2.5"],
    ['${NOMAD_TASK_NAME == "web" ? "yes" : "no"}', "yes"],
    ["${!(1 < 2) || 2 >= 2 && 3 != 4}", "true"],
    ['${NOMAD_PORT_http == 8080 ? upper("a") : lower("B")}', "A"],
  ])("%s", (text, meant) => expect(filled(text, scope)).toBe(meant));
});

describe("functions", () => {
  test.each([
    ["abs(-3)", "3"],
    ['abs("-3.5")', "3.5"],
    ['coalesce(EMPTY, null, "x", "y")', "x"],
    ["jsonencode(concat([1], [2, 3], []))", "[1,2,3]"],
    ["hasindex([1, 2], 1)", "true"],
    ["hasindex([1, 2], 2)", "false"],
    ['hasindex(jsondecode(JSON), "a")', "true"],
    ['hasindex(jsondecode(JSON), "z")', "false"],
    ["int(3.9)", "3"],
    ["int(-3.9)", "-3"],
    ["jsondecode(JSON).a.b[1]", "2"],
    ['jsondecode(JSON)["s"]', "x"],
    ['jsonencode({ a = "<b>", "c" = [true, null] })', '{"a":"\\u003cb\\u003e","c":[true,null]}'],
    ["length([1, 2, 3])", "3"],
    ["length(jsondecode(JSON))", "2"],
    ['lower("ÄB")', "äb"],
    ["max(1, 3, 2)", "3"],
    ["min(1, 3, 2)", "1"],
    ['reverse("añb")', "bña"],
    ['strlen("añ")', "2"],
    ['substr("hello", 1, 3)', "ell"],
    ['substr("hello", -3, 2)', "ll"],
    ['substr("hello", 2, -1)', "llo"],
    ['upper("äb")', "ÄB"],
  ])("%s", (expression, meant) => expect(filled(`\${${expression}}`, scope)).toBe(meant));
});

describe("what is refused, with the reason and the way out", () => {
  test.each([
    [
      "${NOMAD_PROT_http}",
      /^names NOMAD_PROT_http, which is not known here; did you mean NOMAD_PORT_http\?; write \$\$\{ /,
    ],
    ["${HOME}", /^names HOME, which is not known here.*write \$\$\{ where the text is to hold \$\{ as it is$/],
    ['${env["GREETNG"]}', /^names GREETNG,.*did you mean GREETING\?/],
    ["${attr.cpu.arc}", /^names attr\.cpu\.arc,.*did you mean attr\.cpu\.arch\?/],
    ["${attr}", /^names attr as a whole; name one of its values, as in attr\["KEY"\]$/],
    ["${uper(GREETING)}", /^calls uper\(\), which is no function; did you mean upper\?$/],
    ["${upper()}", /^gives upper\(\) 0 arguments; it takes 1$/],
    ["${abs(GREETING)}", /^gives abs\(\) a text that is no number; give it a number$/],
    ["${1 / 0}", /^divides by zero/],
    ["${[1, 2]}", /^gives the place of \$\{\[1, 2\]\} a list, which is no text; use jsonencode\(\)/],
    ["${GREETING", /^holds "\$\{GREETING", which lacks a "\}" at its end; write \$\$\{/],
    ["${}", /lacks a name or a value before "\}"/],
    ["${GREETING:-x}", /lacks a "\}" before ":-x\}"/],
    ['${"abc}', /lacks a closing " at its end/],
    ['${"\\q"}', /holds an unknown escape/],
    ["%{ if true }x%{ endif }", /has a directive, which is not evaluated here/],
    ["${jsondecode(GREETING)}", /^gives jsondecode\(\) a text that is no JSON/],
    ["${jsondecode(JSON).z}", /^asks for the part "z", which is not there$/],
    ["${GREETING.x}", /^asks a text for a part of it/],
    ["${coalesce(EMPTY)}", /^gives coalesce\(\) nothing but empty values/],
    ["${GREETING ? 1 : 2}", /^takes a text for a condition/],
    ["${length(GREETING)}", /^gives length\(\) a text; .*strlen\(\)/],
  ])("%s", (text, reason) => {
    expect(() => filled(text, scope)).toThrow(TemplateError);
    expect(() => filled(text, scope)).toThrow(reason);
  });

  test("a text that may be a secret is not in the other form of the message", () => {
    const error = (() => {
      try {
        return filled("hunter2 ${", scope);
      } catch (thrown) {
        return thrown as TemplateError;
      }
    })();
    expect(error).toBeInstanceOf(TemplateError);
    expect((error as TemplateError).message).toContain("hunter2");
    expect((error as TemplateError).unquoted).not.toContain("hunter2");
  });
});

test("what is known later is said by name", () => {
  expect(() => filled("x ${NOMAD_ALLOC_ID}", scope)).toThrow(new KnownLater("NOMAD_ALLOC_ID"));
  expect(() => filledForShell("x ${NOMAD_ALLOC_ID}", scope)).toThrow(KnownLater);
});

describe("what may be the shell's", () => {
  test.each([
    ["${HOME}/x", "${HOME}/x"],
    ["${HOME:-/root} ${GREETING}", "${HOME:-/root} hello"],
    ["${#a[@]} ${a%%.*} ${!x}", "${#a[@]} ${a%%.*} ${!x}"],
    ["$HOME ${NOMAD_TASK_NAME}", "$HOME web"],
    ["$${GREETING}", "${GREETING}"],
    ["${attr.cpu.arch} ${upper(GREETING)}", "amd64 HELLO"],
    ["%{http_code} %%{x}", "%{http_code} %%{x}"],
    ["$", "$"],
    ["${", "${"],
    ["${HOME", "${HOME"],
  ])("%s", (text, meant) => expect(filledForShell(text, scope)).toBe(meant));

  test.each([
    ["${NOMAD_PROT_http}", /did you mean NOMAD_PORT_http\?/],
    ["${attr.cpu.arc}", /did you mean attr\.cpu\.arch\?/],
    ['${env["GREETNG"]}', /did you mean GREETING\?/],
    ["${uper(GREETING)}", /did you mean upper\?/],
  ])("but not %s", (text, reason) => expect(() => filledForShell(text, scope)).toThrow(reason));
});
