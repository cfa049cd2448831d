import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Connect, Plugin } from "vite";
import { defineConfig } from "vitest/config";

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Answers `/r/<room>` and `/trust` with their pages in development, as the server does in earnest. */
function pagePaths(): Plugin {
  const rewrite: Connect.NextHandleFunction = (request, _response, next) => {
    if (request.url?.startsWith("/r/")) request.url = "/meeting.html";
    if (request.url === "/trust") request.url = "/trust.html";
    next();
  };
  return {
    name: "confab-page-paths",
    configureServer: (server) => void server.middlewares.use(rewrite),
    configurePreviewServer: (server) => void server.middlewares.use(rewrite),
  };
}

const target = process.env["CONFAB_SERVER"] ?? "http://localhost:8080";
const proxy = { "/socket.io": { target, ws: true }, "/files": { target }, "/recordings": { target } };

export default defineConfig({
  plugins: [svelte(), pagePaths()],
  server: { proxy },
  preview: { proxy },
  build: {
    target: ["es2022", "chrome105", "firefox115", "safari16"],
    rollupOptions: {
      input: {
        host: page("host.html"),
        meeting: page("meeting.html"),
        sentence: page("sentence.html"),
        trust: page("trust.html"),
      },
    },
  },
  test: { include: ["src/**/*.test.ts"] },
});
