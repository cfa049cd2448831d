/**
 * A computer in two networks: which address stands in the link, where media listens, what the certificate names, what
 * plain HTTP from another device gets, and how all that follows when a network comes or goes.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { impossible, Networks, NETWORKS } from "../lib/namespace.js";
import { Server } from "../lib/server.js";
import { until } from "../lib/until.js";

const skip = await impossible();
if (skip) console.error(`\n${skip}\n`);

const LAN = NETWORKS.eth0.server;
const WIFI = NETWORKS.wlan0.server;
const LATER = "172.29.5.1";
const ASK = fileURLToPath(new URL("ask.js", import.meta.url));

/** @type {Networks} */
let networks;
/** @type {Server} */
let server;

before(async () => {
  if (skip) return;
  networks = await Networks.make();
  const within = ["ip", "netns", "exec", networks.server];
  server = await Server.start({ within, announced: null, flags: ["--workers", "2"] });
});
after(async () => {
  await server?.stop();
  await networks?.remove();
});

/**
 * @param {string[]} words
 * @returns {Promise<any>} as ask.js says
 */
async function ask(...words) {
  return JSON.parse(await networks.asGuest(process.execPath, ASK, ...words));
}

/** @param {string} ip */
const origin = (ip) => `https://${ip}:${server.port}`;

/**
 * The addresses that new transports offer, and checks that each worker has one port for all of them.
 *
 * @param {string} by the address to ask
 */
async function offered(by) {
  /** @type {{ address: string, port: number, protocol: string }[][]} */
  const transports = await ask("candidates", origin(by), `room-${Math.random().toString(36).slice(2)}`);
  const ports = new Set();
  for (const candidates of transports) {
    const own = new Set(candidates.map((candidate) => candidate.port));
    assert.equal(own.size, 1, "a worker has one port, by UDP and TCP, at all addresses");
    for (const port of own) ports.add(port);
    for (const protocol of ["udp", "tcp"]) assert.ok(candidates.some((candidate) => candidate.protocol === protocol));
  }
  assert.equal(ports.size, 2, "the rooms are spread over both workers");
  return [...new Set(transports.flat().map((candidate) => candidate.address))].sort();
}

/** @param {string} names */
const ips = (names) => [...names.matchAll(/IP Address:([^,]+)/g)].map(([, ip]) => ip ?? "");

/** The IPv4 addresses that the certificate names, as it is presented at an address. @param {string} at */
async function certified(at) {
  const { names } = await ask("get", `${origin(at)}/health`);
  assert.match(names, /DNS:localhost/);
  return ips(names)
    .filter((ip) => ip.includes(".") && ip !== "127.0.0.1")
    .sort();
}

test("the link has a LAN address, and the server answers by HTTPS at both", { skip }, async () => {
  assert.ok([LAN, WIFI].includes(new URL(server.link).hostname), server.link);
  for (const ip of [LAN, WIFI]) {
    const { status, body } = await ask("get", `${origin(ip)}/health`);
    assert.equal(status, 200);
    assert.equal(JSON.parse(body).status, "ok");
  }
});

test("plain HTTP from another device is sent to HTTPS at the same address", { skip }, async () => {
  for (const ip of [LAN, WIFI]) {
    const { status, location } = await ask("get", `http://${ip}:${server.port}/r/den?x=1`);
    assert.equal(status, 308);
    assert.equal(location, `https://${ip}:${server.port}/r/den?x=1`);
  }
});

test("media listens at both addresses, on one port for each worker", { skip }, async () => {
  assert.deepEqual(await offered(LAN), [WIFI, LAN].sort());
});

test("the certificate names both addresses", { skip }, async () => {
  assert.deepEqual(await certified(LAN), [WIFI, LAN].sort());
});

test("when a network goes, link and media follow, and come back with it", { skip }, async () => {
  const gone = new URL(server.link).hostname;
  const stays = gone === LAN ? WIFI : LAN;
  const name = gone === LAN ? "eth0" : "wlan0";
  await networks.inServer("link", "set", name, "down");
  await until("the link has the other address", () => new URL(server.link).hostname === stays);
  await until("media listens there alone", async () => (await offered(stays)).join() === stays);
  // Who clicked the warning away is not asked again: the certificate stays while it names what is there.
  assert.ok((await certified(stays)).includes(stays));

  await networks.inServer("link", "set", name, "up");
  await until("both are back", async () => (await offered(stays)).join() === [WIFI, LAN].sort().join());
  await until("the link has the better one again", () => new URL(server.link).hostname === gone);
});

test("when a network comes, media and certificate have it", { skip }, async () => {
  await networks.inServer("link", "add", "eth1", "type", "veth", "peer", "name", "far1");
  await networks.inServer("address", "add", `${LATER}/24`, "dev", "eth1");
  await networks.inServer("link", "set", "far1", "up");
  await networks.inServer("link", "set", "eth1", "up");
  const all = [LAN, WIFI, LATER].sort().join();
  await until("media listens there, too", async () => (await offered(LAN)).join() === all);
  await until("the certificate names it", async () => (await certified(LAN)).join() === all);
});
