/** Moments of a log, to the nanosecond. */
import { momentAfter, momentOf } from "../../run/moment";

test.each([
  ["2026-12-01T10:00:00.123456789Z", "1796119200.123456789"],
  ["2026-12-01T10:00:00Z", "1796119200.000000000"],
  ["2026-12-01T12:00:00.5+02:00", "1796119200.500000000"],
])("%s is %s", (time, moment) => expect(momentOf(time)).toBe(moment));

test.each([
  ["1796119200.123456789", "1796119200.123456790"],
  ["1796119200.999999999", "1796119201.000000000"],
])("after %s comes %s", (moment, next) => expect(momentAfter(moment)).toBe(next));
