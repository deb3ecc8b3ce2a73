/** Names in every state and on every container ever made. A change here orphans them: these are fixed for ever. */
import { keptForLabel, keptLabel } from "../../provider/kept-dirs";
import { originLabel } from "../../provider/origin";
import { allocLabel } from "../../provider/request";
import { providerText } from "../../provider/resources";
import { typeToken } from "../../provider/type-token";

test.each([
  ["Image", "pulumi-nodejs:dynamic/longshore:Image"],
  ["Allocation", "pulumi-nodejs:dynamic/longshore:Allocation"],
  ["Task", "pulumi-nodejs:dynamic/longshore:Task"],
] as const)("the type of %s is fixed for ever", (kind, token) => expect(typeToken(kind)).toBe(token));

test("the provider's text is fixed for ever", () =>
  expect(providerText).toBe('exports.handler = () => require("longshore/provider").handler();'));

test("the label of an origin is fixed for ever", () => expect(originLabel).toBe("longshore.origin"));
test("the labels of data that stay are fixed for ever", () =>
  expect([keptLabel, keptForLabel]).toEqual(["longshore.kept", "longshore.kept_for"]));

test("the label of an allocation is fixed for ever", () => expect(allocLabel).toBe("longshore.alloc_id"));
