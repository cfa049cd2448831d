/**
 * A frontend's end of Socket.IO: the npm client, with a memory of what it heard.
 */
import { once } from 'node:events';
import { io } from 'socket.io-client';

/** How long anything may take before the test counts as hung, in ms. Nothing is expected to be fast. */
export const HUNG = 60_000;

export class Client {
  /** Every event heard so far: `{ name, data }`. */
  heard = [];

  constructor(socket) {
    this.socket = socket;
    this.dropped = [];
    socket.onAny((name, data) => {
      this.heard.push({ name, data });
      socket.listeners('heard').forEach((listener) => listener());
    });
    socket.on('disconnect', (reason) => this.dropped.push(reason));
  }

  /**
   * Connects over one transport alone.
   *
   * @param {import('./server.mjs').Running} server
   * @param {{ transport?: 'polling' | 'websocket', secure?: boolean, extraHeaders?: Record<string, string> }} way
   */
  static async connect(server, { transport = 'websocket', secure = false, extraHeaders = {} } = {}) {
    const socket = io(secure ? server.https : server.http, {
      transports: [transport],
      forceNew: true,
      reconnection: false,
      extraHeaders,
      ...(secure && { ca: server.authority }),
    });
    const client = new Client(socket);
    // Node takes it for what it waits on, though it has not all of an emitter's methods.
    const events = /** @type {import('node:events').EventEmitter} */ (/** @type {unknown} */ (socket));
    await Promise.race([
      once(events, 'connect'),
      once(events, 'connect_error').then(([error]) => Promise.reject(error)),
    ]);
    return client;
  }

  get id() {
    return this.socket.id;
  }

  /** The Engine.IO transport in use. */
  get transport() {
    return this.socket.io.engine.transport.name;
  }

  /** Sends a request and returns its acknowledgement, as it came. */
  async ask(event, ...payload) {
    return this.socket.timeout(HUNG).emitWithAck(event, ...payload);
  }

  /** As `ask`, but an error is thrown: for requests that must succeed. */
  async get(event, payload) {
    const answer = await this.ask(event, payload);
    if (answer.error !== undefined) {
      throw new Error(`${event} was refused: ${answer.error}`);
    }
    return answer;
  }

  /**
   * The first event of this name, heard already or yet to come, that fits.
   *
   * @param {string} name
   * @param {(data: any) => boolean} fits
   */
  async hear(name, fits = () => true) {
    const find = () => this.heard.find((event) => event.name === name && fits(event.data));
    return new Promise((found, failed) => {
      const hung = setTimeout(() => {
        this.socket.off('heard', look);
        failed(new Error(`never heard ${name}; heard ${JSON.stringify(this.heard).slice(0, 4000)}`));
      }, HUNG);
      const look = () => {
        const event = find();
        if (event) {
          clearTimeout(hung);
          this.socket.off('heard', look);
          found(event.data);
        }
      };
      this.socket.on('heard', look);
      look();
    });
  }

  /** Forgets what was heard. */
  forget() {
    this.heard.length = 0;
  }

  close() {
    this.socket.close();
  }
}
