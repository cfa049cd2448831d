import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Connect, Plugin } from "vite";
import { defineConfig } from "vitest/config";

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Answers `/r/<room>` with the meeting page in development, as the server does in earnest. */
function meetingLinks(): Plugin {
  const rewrite: Connect.NextHandleFunction = (request, _response, next) => {
    if (request.url?.startsWith("/r/")) request.url = "/meeting.html";
    next();
  };
  return {
    name: "confab-meeting-links",
    configureServer: (server) => void server.middlewares.use(rewrite),
    configurePreviewServer: (server) => void server.middlewares.use(rewrite),
  };
}

const proxy = { "/socket.io": { target: process.env["CONFAB_SERVER"] ?? "http://localhost:8080", ws: true } };

export default defineConfig({
  plugins: [svelte(), meetingLinks()],
  server: { proxy },
  preview: { proxy },
  build: {
    target: ["es2022", "chrome105", "firefox115", "safari16"],
    rollupOptions: { input: { host: page("host.html"), meeting: page("meeting.html") } },
  },
  test: { include: ["src/**/*.test.ts"] },
});
