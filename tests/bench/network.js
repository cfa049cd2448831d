/** How soon link, certificate and media follow a change of network: a server in a namespace whose cables come and go. */
import { fileURLToPath } from "node:url";
import { impossible, Networks, NETWORKS } from "../browser/lib/namespace.js";
import { Server } from "../browser/lib/server.js";
import { until } from "../browser/lib/until.js";
import { print, spread } from "./figures.js";

const TIMES = 7;
const ASK = fileURLToPath(
  new URL("../browser/network/ask.js", import.meta.url),
);

export async function networkChange() {
  const reason = await impossible();
  if (reason) return print("not measured", reason);
  const networks = await Networks.make();
  const within = ["ip", "netns", "exec", networks.server];
  const server = await Server.start({ within, announced: null });
  try {
    const watch = new Watch(networks, server);
    /** @type {Record<"gone" | "back" | "media" | "certificate", number[]>} */
    const times = { gone: [], back: [], media: [], certificate: [] };
    for (let round = 1; round <= TIMES; round += 1) {
      const best = watch.host;
      const [name] =
        Object.entries(NETWORKS).find(([, { server }]) => server === best) ??
        [];
      if (!name) throw new Error(`The link has none of the cables: ${best}`);

      await networks.inServer("link", "set", name, "down");
      times.gone.push(await since(() => watch.host !== best));
      const other = watch.host;
      await networks.inServer("link", "set", name, "up");
      times.back.push(await since(() => watch.host === best));

      const [link, far] = [`eth${round}`, `far${round}`];
      const address = `172.29.${round}.1`;
      await networks.inServer(
        ...["link", "add", link, "type", "veth", "peer", "name", far],
      );
      await networks.inServer("address", "add", `${address}/24`, "dev", link);
      await networks.inServer("link", "set", far, "up");
      await networks.inServer("link", "set", link, "up");
      const [certificate, media] = await Promise.all([
        since(() => watch.certifies(other, address)),
        since(() => watch.offers(other, address)),
      ]);
      times.certificate.push(certificate);
      times.media.push(media);
    }
    print(
      "a network goes: the link has another address after",
      spread(times.gone),
    );
    print("it comes back: the link has it again after", spread(times.back));
    print(
      "a network comes: the certificate names it after",
      spread(times.certificate),
    );
    print(
      "a network comes: new transports offer it after",
      spread(times.media),
    );
  } finally {
    await server.stop();
    await networks.remove();
  }
}

/** What the server shows, at its door and to a guest in another network. */
class Watch {
  #networks;
  #server;
  #asked = 0;

  /**
   * @param {Networks} networks
   * @param {Server} server
   */
  constructor(networks, server) {
    this.#networks = networks;
    this.#server = server;
  }

  /** The address in the join link. */
  get host() {
    return new URL(this.#server.link).hostname;
  }

  /**
   * @param {string} at the address to ask
   * @param {string} address
   */
  async certifies(at, address) {
    const { names } = await this.#ask("get", `${this.#origin(at)}/health`);
    return names.includes(`IP Address:${address}`);
  }

  /**
   * @param {string} at the address to ask
   * @param {string} address
   */
  async offers(at, address) {
    const room = `network-${(this.#asked += 1)}`;
    /** @type {{ address: string }[][]} */
    const transports = await this.#ask("candidates", this.#origin(at), room);
    return transports.flat().some((candidate) => candidate.address === address);
  }

  /** @param {string[]} words */
  async #ask(...words) {
    return JSON.parse(
      await this.#networks.asGuest(process.execPath, ASK, ...words),
    );
  }

  /** @param {string} at */
  #origin(at) {
    return `https://${at}:${this.#server.port}`;
  }
}

/**
 * How long it takes from now until `holds`, in ms.
 *
 * @param {() => boolean | Promise<boolean>} holds
 */
async function since(holds) {
  const begun = performance.now();
  await until("the server follows the network", holds);
  return performance.now() - begun;
}
