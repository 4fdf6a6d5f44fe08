// A proxy that answers for 1.1.1.1, the public name server, and for nobody else: each host is an alias of the one that is given.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";

const [folder, target] = process.argv.slice(2);
const certificate = { key: readFileSync(`${folder}/key.pem`), cert: readFileSync(`${folder}/cert.pem`) };
const names = createSecureServer(certificate, (request, response) => {
  const name = new URL(request.url, "https://1.1.1.1").searchParams.get("name");
  response.setHeader("content-type", "application/dns-json");
  response.end(JSON.stringify({ Status: 0, Answer: [{ name, type: 5, TTL: 60, data: target }] }));
});
const proxy = createServer((request, response) => response.writeHead(502).end());
proxy.on("connect", (request, socket) => {
  socket.on("error", () => socket.destroy()); // The CLI ends without farewell.
  if (request.url !== "1.1.1.1:443") return socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  socket.write("HTTP/1.1 200 OK\r\n\r\n");
  names.emit("connection", socket);
});
proxy.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${proxy.address().port}`));
