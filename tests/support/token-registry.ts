/**
 * In front of a registry: who comes without credentials may pull, who comes with any is refused. That is how Docker Hub
 * treats a public image and wrong credentials.
 */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface Front {
  readonly host: string;
  stop(): void;
}

export const startFront = (registry: string): Promise<Front> =>
  new Promise((resolve) => {
    const server = createServer((asked, answer) => {
      const host = asked.headers.host ?? "";
      const { authorization = "" } = asked.headers;
      if (asked.url?.startsWith("/token")) {
        answer.writeHead(authorization === "" ? 200 : 401, { "content-type": "application/json" });
        answer.end(JSON.stringify(authorization === "" ? { token: "for-anybody" } : { details: "incorrect password" }));
        return;
      }
      if (!authorization.startsWith("Bearer ")) {
        answer.writeHead(401, { "www-authenticate": `Bearer realm="http://${host}/token",service="test"` }).end();
        return;
      }
      const { authorization: _, ...headers } = asked.headers;
      const [hostname, port] = registry.split(":");
      const behind = request({ hostname, port, path: asked.url, method: asked.method, headers }, (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(answer);
      });
      asked.pipe(behind);
    });
    server.listen(0, "127.0.0.1", () =>
      resolve({
        host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
        stop() {
          server.closeAllConnections();
          server.close();
        },
      }),
    );
  });
