/**
 * Starts the real `confab-serve` on ports of its own, in folders of its own, heard on loopback alone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const PROGRAM_NAME = process.platform === 'win32' ? 'confab-serve.exe' : 'confab-serve';

/** Where the program is: `CONFAB_SERVE` names it, `CONFAB_PROGRAMS` its folder. */
export const PROGRAM =
  process.env.CONFAB_SERVE ?? join(process.env.CONFAB_PROGRAMS ?? resolve(HERE, '../../../target/debug'), PROGRAM_NAME);

/** The origin that the server is told to allow. */
export const FRONTEND = 'http://frontend.example:3000';

/**
 * @typedef {object} Running
 * @property {number} port
 * @property {string} http base address over plain HTTP on this machine
 * @property {string} https base address over HTTPS
 * @property {string} authority the local authority's certificate, PEM
 * @property {() => Promise<{ status: string, rooms: number, workers: number }>} health
 * @property {() => Promise<void>} stop ends it, once, and fails when it did not end well
 */

/**
 * Starts a server and returns when it takes joins.
 *
 * @param {(recordings: string) => Promise<void>} prepare puts into the folder for recordings what is there before
 * @returns {Promise<Running>}
 */
export async function startServer(prepare = async () => undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'confab-guide-'));
  await mkdir(join(folder, 'recordings'));
  await prepare(join(folder, 'recordings'));
  const child = spawn(
    PROGRAM,
    [
      ...['--port', '0', '--media-ports', '21000-21099', '--rooms-per-minute', '100000'],
      ...['--data', join(folder, 'data'), '--recordings', join(folder, 'recordings')],
    ],
    {
      cwd: folder,
      env: { ...process.env, ANNOUNCED_IP: '127.0.0.1', FRONTEND_URL: FRONTEND, CONFAB_WORKERS: '2', RUST_LOG: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const errors = [];
  child.stderr.setEncoding('utf8').on('data', (text) => errors.push(text));
  const ended = once(child, 'exit');
  const link = await Promise.race([
    joinLink(child.stdout),
    ended.then(([code]) => {
      throw new Error(`confab-serve ended with ${code}: ${errors.join('')}`);
    }),
  ]);
  const port = Number(new URL(link).port);
  const base = `http://localhost:${port}`;
  const end = async () => {
    const wasRunning = child.exitCode === null && child.signalCode === null;
    child.kill('SIGTERM');
    const [code, signal] = await ended;
    await rm(folder, { recursive: true, force: true });
    if (!wasRunning || code !== 0) {
      throw new Error(`confab-serve ended with ${code ?? signal}: ${errors.join('')}`);
    }
  };
  let ending;
  return {
    port,
    http: base,
    https: `https://localhost:${port}`,
    authority: await authority(base),
    health: async () => (await fetch(`${base}/health`)).json(),
    stop: () => (ending ??= end()),
  };
}

async function joinLink(stdout) {
  const lines = createInterface({ input: stdout });
  for await (const line of lines) {
    const link = line.trim();
    if (link.startsWith('https://')) {
      // The rest of what it prints must go on flowing, or it would block in the end.
      stdout.resume();
      return link;
    }
  }
  throw new Error('confab-serve printed no join link');
}

/** The certificate that the server offers to those who want to trust it, as PEM. */
async function authority(base) {
  const answer = await fetch(`${base}/trust/confab-ca.crt`);
  const certificate = Buffer.from(await answer.arrayBuffer()).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
