/**
 * Imported first: Node then keeps what it compiled of the modules that follow, for the next run. Every command of Pulumi
 * starts its processes anew, and reading this library is a good part of a short one.
 */
import * as nodeModule from "node:module";

// Absent from Node 22.0 to 22.7, and from jest's own module system.
(nodeModule as Partial<typeof nodeModule>).enableCompileCache?.();
