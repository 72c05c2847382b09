// A WebSocket server (npm's ws) that lets in only those whose handshake npm's aws4 would have signed the same way.
//
// It prints its port. Messages `close CODE REASON`, `binary HEX` and `ping` ask for that; all others come back.

"use strict";

const crypto = require("node:crypto");
const http = require("node:http");
const aws4 = require("aws4");
const { WebSocketServer } = require("ws");

const credentials = {
  accessKeyId: process.env.KEY_ID,
  secretAccessKey: process.env.SECRET,
};
const [region, service] = [process.env.REGION, process.env.SERVICE];

function same(ours, theirs) {
  const [a, b] = [Buffer.from(ours), Buffer.from(theirs)];
  return a.length === b.length && crypto.timingSafeEqual(a, b);
}

/** Whether aws4, given the same request and keys, arrives at the same signature; else why not. */
function refused(request) {
  const url = new URL(request.url, "http://h");
  const authorization = request.headers.authorization || "";
  const inQuery = url.searchParams.has("X-Amz-Signature");
  if (inQuery === Boolean(authorization)) return "Missing Authentication Token";

  const field = (name) => (authorization.match(new RegExp(`${name}=([^,]+)`)) || [])[1] || "";
  const parameter = (name) => url.searchParams.get(name) || "";
  const scope = inQuery ? parameter("X-Amz-Credential") : field("Credential");
  const names = (inQuery ? parameter("X-Amz-SignedHeaders") : field("SignedHeaders")).split(";");
  const theirs = inQuery ? parameter("X-Amz-Signature") : field("Signature");
  const date = inQuery ? parameter("X-Amz-Date") : request.headers["x-amz-date"] || "";
  const token = inQuery
    ? url.searchParams.get("X-Amz-Security-Token")
    : request.headers["x-amz-security-token"];

  const expected = `${credentials.accessKeyId}/${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  if (scope !== expected) return `the scope is ${scope}, not ${expected}`;
  if ((token || "") !== (process.env.TOKEN || "")) return "the session token is another";
  if (!names.includes("host")) return "the host is not signed";
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith("x-amz-") && !names.includes(name)) return `${name} is not signed`;
  }
  const time = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!(Math.abs(Date.now() - time) < 300_000)) return `the time is ${date}`;

  const headers = Object.fromEntries(names.map((name) => [name, request.headers[name]]));
  const path = request.url.replace(/[?&]X-Amz-Signature=[^&]*/, "");
  const signed = aws4.sign(
    { method: "GET", path, headers, host: headers.host, service, region, signQuery: inQuery,
      extraHeadersToInclude: Object.fromEntries(names.map((name) => [name, true])) },
    token ? { ...credentials, sessionToken: token } : credentials,
  );
  const ours = inQuery
    ? new URL(signed.path, "http://h").searchParams.get("X-Amz-Signature")
    : (signed.headers.Authorization.match(/Signature=(.*)$/) || [])[1];
  return same(ours, theirs) ? null : "the signatures differ";
}

const sockets = new WebSocketServer({ noServer: true });
const server = http.createServer((_, response) => response.writeHead(426).end());

server.on("upgrade", (request, socket, head) => {
  let why;
  try {
    why = refused(request);
  } catch (error) {
    why = String(error);
  }
  if (why) {
    const body = JSON.stringify({ message: why });
    socket.end(
      `HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    return;
  }
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.on("error", () => {});
    client.on("pong", () => client.send("the pong came"));
    client.on("message", (data, isBinary) => {
      const [word, ...rest] = isBinary ? [] : data.toString().split(" ");
      if (word === "close") client.close(Number(rest[0]), rest.slice(1).join(" "));
      else if (word === "drop") client.terminate();
      else if (word === "binary") client.send(Buffer.from(rest[0], "hex"));
      else if (word === "ping") client.ping();
      else client.send(data, { binary: isBinary });
    });
  });
});

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
