// Websites of their own on other ports: pages that carry the widget, and one that means harm.
import { createServer } from "node:http";

export async function startSite() {
  const pages = new Map();
  const hits = [];
  const server = createServer((request, response) => {
    const path = request.url.split("?")[0];
    hits.push(request.url);
    if (path === "/favicon.ico") return response.writeHead(204).end();
    const page = pages.get(path);
    if (!page) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...page.headers }).end(page.html);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  let count = 0;
  return {
    port,
    hits,
    origin: `http://127.0.0.1:${port}`,
    /** Another origin of the same pages. */
    local: `http://localhost:${port}`,
    page(html, headers = {}) {
      const path = `/${(count += 1)}`;
      pages.set(path, { html: html.includes("<html") ? html : `<!doctype html><html lang="en"><head><title>A shop</title></head><body><main><h1>A shop</h1>${html}</main></body></html>`, headers });
      return path;
    },
    stop: () => (server.closeAllConnections(), server.close()),
  };
}
