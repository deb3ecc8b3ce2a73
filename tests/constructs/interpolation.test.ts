/** `${…}` in programs: what is filled in when the tree is synthesized, and what is refused there. */
import { type Output, output } from "@pulumi/pulumi";
import { App, Job, Plugin, Task, TaskGroup, type TaskGroupProps, type TaskProps } from "longshore";

const withTask = (props: Partial<TaskProps>, group: TaskGroupProps = {}) => {
  const app = new App("app");
  new Plugin(app, "docker", { volumes: { enabled: true } });
  new Task(new TaskGroup(new Job(app, "shop", { meta: { tag: "1.2" } }), "front", group), "web", {
    image: "img:1",
    ...props,
  });
  return app;
};
const optionsOf = (app: App) => app.manifest().allocations.map(({ tasks }) => tasks[0]?.options);
const refusal = (props: Partial<TaskProps>, group?: TaskGroupProps): string => {
  try {
    withTask(props, group).manifest();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("options that have to be known before there is an allocation", () => {
  test("are filled in, for each allocation by itself", () => {
    const app = withTask({ image: "${NOMAD_JOB_NAME}-${NOMAD_ALLOC_INDEX}:${NOMAD_META_tag}" }, { count: 2 });
    expect(optionsOf(app)).toEqual([{ image: "shop-0:1.2" }, { image: "shop-1:1.2" }]);
  });

  test("are judged by what they mean", () => {
    expect(refusal({ image: "img:${NOMAD_META_tag} x" })).toMatch(/web: image: image is "img:1.2 x"/);
    expect(refusal({ ports: ["${env.LABEL}"], env: { LABEL: "nope" } })).toMatch(/ports names "nope"/);
    expect(refusal({ volumes: ["${env.HOST}:/x"], env: { HOST: "/etc" } })).toBe("");
  });

  test.each([
    [{ image: "img:${NOMAD_ALLOC_ID}" }, /image hangs on NOMAD_ALLOC_ID, which is known only later/],
    [{ volumes: ["local/${NOMAD_HOST_PORT_http}:/x"] }, /volumes\[0\] hangs on NOMAD_HOST_PORT_http/],
    [{ image: "img:${attr.cpu.arch}" }, /image hangs on attr\.cpu\.arch/],
  ])("%j: refused, for it is known only later", (props, reason) =>
    expect(refusal(props, { network: { ports: { http: {} } } })).toMatch(reason),
  );

  test("those that are outputs are filled in when these are known", async () => {
    const [options] = optionsOf(withTask({ image: output("img:${NOMAD_META_tag}") }));
    const image = options?.image as Output<string>;
    expect(await new Promise((resolve) => image.apply(resolve))).toBe("img:1.2");
  });
});

describe("all others", () => {
  test("stay as they are written, for it is known later what they mean", () =>
    expect(optionsOf(withTask({ args: ["${NOMAD_JOB_NAME}", "$${x}"] }))[0]).toMatchObject({
      args: ["${NOMAD_JOB_NAME}", "$${x}"],
    }));

  test.each([
    [
      { args: ["ok", "${NOMAD_PORT_htp}"] },
      /web: args\[1\]: args\[1\] names NOMAD_PORT_htp, which is not known here; did you mean NOMAD_PORT_http\?/,
    ],
    [{ env: { A: "${NOMAD_JOB_NAM}" } }, /env\.A: env\.A names NOMAD_JOB_NAM.*did you mean NOMAD_JOB_NAME\?/],
    [{ labels: { a: "${" } }, /labels\.a holds a \$\{…\} that lacks a name or a value; write \$\$\{/],
    [{ workDir: "${NOMAD_JOB_NAME}" }, /work_dir is "shop", which is not an absolute path/],
    [{ dnsServers: ["${NOMAD_META_tag}"] }, /dns_servers\[0\] is "1.2", which is not an IP address/],
    [{ capAdd: ["${env.CAP}"], env: { CAP: "SYS_ADMIN" } }, /cap_add .*SYS_ADMIN|cap_add .*\$\{CAP\}/],
  ])("%j: refused already, for what is wrong is known", (props, reason) =>
    expect(refusal(props, { network: { ports: { http: {} } } })).toMatch(reason),
  );

  test.each([
    [{ args: ["${NOMAD_HOST_PORT_http} ${NOMAD_ALLOC_ID} ${attr.cpu.arch} ${meta.rack}"] }],
    [{ dnsServers: ["${attr.driver.docker.bridge_ip}"] }],
    [{ env: { A: "${HOME:-x} ${PATH}" } }],
    [{ args: ["${SECRET}"], env: { SECRET: output("x") } }],
  ])("%j: accepted", (props) => expect(refusal(props, { network: { ports: { http: {} } } })).toBe(""));

  test("meta may name what is known of the place", () => {
    const app = new App("app");
    const group = new TaskGroup(new Job(app, "shop", { meta: { who: "${NOMAD_TASK_NAME}" } }), "front");
    new Task(group, "web", { image: "img:1", workDir: "/${NOMAD_META_who}" });
    expect(() => app.manifest()).not.toThrow();
  });
});

test("password and user of a registry are taken as they are", () =>
  expect(optionsOf(withTask({ auth: { username: "a", password: "x${y" } }))[0]).toMatchObject({
    auth: { password: "x${y" },
  }));
