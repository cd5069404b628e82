import { defineConfig, type Plugin } from 'vite';

const server = `http://localhost:${process.env['PORT'] ?? '3080'}`;
/** The server checks the origin in development too, so the proxy speaks as the server's own page. */
const proxy = { target: server, changeOrigin: true, ws: true, headers: { origin: server } };

/** In development every address of the page gets the page, as the server does it: `/`, `/c/…`, `/settings`. */
const page: Plugin = {
  name: 'page',
  apply: 'serve',
  configureServer({ middlewares }) {
    middlewares.use((request, _reply, next) => {
      const isAddress = request.method === 'GET' && request.headers.accept?.includes('text/html') === true && !/^\/(?:api|socket\.io|@)|\.\w+(?:\?|$)/u.test(request.url ?? '');
      if (isAddress) request.url = '/app.html';
      next();
    });
  },
  transformIndexHtml: { order: 'pre', handler: (html) => html.replaceAll('="./', '="/') },
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [page],
  experimental: { renderBuiltUrl: (file, { hostType }) => (hostType === 'html' ? `/${file}` : { relative: true }) },
  server: { port: 3081, strictPort: true, proxy: { '/api': proxy, '/socket.io': proxy } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { input: { app: 'app.html' }, output: { entryFileNames: 'assets/[name]-[hash].js' } },
  },
});
