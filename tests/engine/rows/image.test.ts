/** How long an image is waited for. What is pulled, and with which credentials, is in pulling.test.ts and auth.test.ts. */
import { createServer } from "node:net";
import { imageHandler } from "../../../provider/handlers/image";

test("image_pull_timeout: a registry that says nothing is given up after it, and the option is named", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await new Promise((ready) => silent.once("listening", ready));
  const address = silent.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const sockets = new Set<{ destroy(): void }>();
  silent.on("connection", (socket) => sockets.add(socket));
  try {
    const pull = imageHandler.create({
      kind: "Image",
      key: "live/test/image",
      plugin: {},
      image: `127.0.0.1:${port}/none/such:1`,
      imagePullTimeout: "1s",
    });
    await expect(pull).rejects.toThrow(/could not be pulled .*not done within image_pull_timeout \(1s\)/);
    expect(sockets.size).toBeGreaterThan(0);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => silent.close(closed));
  }
}, 30_000);
