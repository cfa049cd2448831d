/** A streaming server of a test's own: nginx with its module for RTMP, which keeps what it gets. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "./confab.js";
import { until } from "./until.js";

/** Starts one, with its files in `folder`. */
export async function station(folder) {
  const port = await freePort();
  const kept = join(folder, "kept");
  mkdirSync(kept);
  const configuration = `
    load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
    daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
    events {}
    rtmp { access_log off; server { listen 127.0.0.1:${port};
      application live { live on; record all; record_path ${kept}; record_unique on; }
      application closed { live on; deny publish all; } } }`;
  writeFileSync(join(folder, "nginx.conf"), configuration);
  const args = ["-p", folder, "-e", join(folder, "nginx.log"), "-c", join(folder, "nginx.conf")];
  const start = () => spawn("/usr/sbin/nginx", args, { stdio: "ignore" });
  let nginx = start();
  const listens = async () => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.destroy();
    return true;
  };
  await until("the streaming server listens", listens);
  return {
    /** The address of one of its places, `live` or `closed`. */
    address: (app) => `rtmp://127.0.0.1:${port}/${app}`,
    /** How many bytes it has. */
    bytes: () => readdirSync(kept).reduce((sum, file) => sum + statSync(join(kept, file)).size, 0),
    async end() {
      const ended = once(nginx, "exit");
      nginx.kill("SIGKILL");
      await ended;
    },
    async restart() {
      nginx = start();
      await until("the streaming server listens again", listens);
    },
  };
}
