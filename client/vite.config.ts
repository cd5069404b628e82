import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, defineConfig, type Plugin } from 'vite';

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
      if (isAddress) request.url = request.url === '/verify' ? '/verify.html' : '/app.html';
      next();
    });
  },
  transformIndexHtml: { order: 'pre', handler: (html) => html.replaceAll('="./', '="/') },
};

/** The element's first file is a classic script, so nothing of it may stand outside a function; it knows the next by the name that this build gave it. */
const widget: Plugin = {
  name: 'widget',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
    const first = chunks.find(({ name, isEntry }) => isEntry && name === 'widget');
    if (first === undefined || first.imports.length > 0) throw new Error('the element’s first file must stand alone');
    const named = first.code.replaceAll('/__box__', () => `/${chunks.find(({ name, isEntry }) => isEntry && name === 'widget-box')?.fileName}`);
    first.code = `(()=>{${named}})();`;
    this.emitFile({ type: 'asset', fileName: 'widget.d.ts', source: readFileSync(join(import.meta.dirname, 'widget.d.ts'), 'utf8') });
  },
};

/** The page that verifies packages is one file, which runs from anywhere without a server: everything is in it, and its policy lets nothing else run and nothing be fetched. */
const verifyPage: Plugin = {
  name: 'verify-page',
  apply: 'build',
  async generateBundle() {
    const built = await build({ root: import.meta.dirname, configFile: false, publicDir: false, logLevel: 'warn', build: { write: false, target: TARGET, cssTarget: CSS_TARGET, modulePreload: false, rolldownOptions: { input: 'verify/page.ts', output: { format: 'iife', codeSplitting: false } } } });
    const [script, ...more] = 'output' in built ? built.output : [];
    if (script?.type !== 'chunk' || more.length > 0) throw new Error('the page that verifies packages must be one file');
    const code = script.code.trim();
    if (/<\/script|<!--/iu.test(code)) throw new Error('the script would end within itself');
    const policy = `default-src 'none'; script-src 'sha256-${createHash('sha256').update(code).digest('base64')}'; connect-src 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types lit-html`;
    const page = readFileSync(join(import.meta.dirname, 'verify.html'), 'utf8')
      .replace('<meta charset="utf-8" />', (charset) => `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`)
      .replace(/<script .*<\/script>/u, () => `<script>${code}</script>`);
    this.emitFile({ type: 'asset', fileName: 'verify.html', source: page });
  },
};

/** The verifier for Node is one file too, which needs nothing beside it. It is not minified, for whoever reads what they run. */
const verifier: Plugin = {
  name: 'verifier',
  apply: 'build',
  async generateBundle() {
    const input = join(import.meta.dirname, '../server/journal/verify/alone.ts');
    const built = await build({ root: import.meta.dirname, configFile: false, publicDir: false, logLevel: 'warn', ssr: { noExternal: true }, build: { ssr: input, write: false, target: 'node24', minify: false, rolldownOptions: { output: { codeSplitting: false } } } });
    const [script, ...more] = 'output' in built ? built.output : [];
    if (script?.type !== 'chunk' || more.length > 0) throw new Error('the verifier must be one file');
    this.emitFile({ type: 'asset', fileName: 'verify.mjs', source: script.code });
  },
};

/** The page speaks over websockets alone, and in text: what the client library has for other ways, and for bytes in what is said, is left out. */
const websocketOnly: Plugin = {
  name: 'websocket-only',
  apply: 'build',
  load: (id) => Object.entries(LEFT_OUT).find(([file]) => id.endsWith(`/build/esm/${file}`))?.[1],
};
const LEFT_OUT = {
  'transports/index.js': "import { WS } from './websocket.js';\nexport const transports = { websocket: WS };",
  'transports/polling-xhr.js': 'export class BaseXHR {}\nexport class Request {}\nexport class XHR {}',
  'encodePacket.browser.js': "import { PACKET_TYPES } from './commons.js';\nexport const encodePacket = ({ type, data }, _binary, callback) => callback(PACKET_TYPES[type] + (data ?? ''));\nexport const encodePacketToBinary = () => {};",
  'contrib/base64-arraybuffer.js': 'export const decode = () => new ArrayBuffer(0);',
  'is-binary.js': 'export const isBinary = () => false;\nexport const hasBinary = () => false;',
  'binary.js': 'export const deconstructPacket = (packet) => ({ packet, buffers: [] });\nexport const reconstructPacket = (packet) => packet;',
};

/** Vite puts something around each `import()` that fetches style sheets before the file. The one file that has such a sheet fetches it itself (`text/math.ts`), and every visitor of a site would get the rest of that with the first open. */
const plainImports: Plugin = {
  name: 'plain-imports',
  apply: 'build',
  configResolved(config) {
    const plugins = config.plugins as Plugin[];
    const at = plugins.findIndex(({ name }) => name === 'native:import-analysis-build');
    if (at < 0) throw new Error('what Vite puts around each import() has another name now');
    plugins.splice(at, 1);
  },
};

/** Style sheets that stand in code, without what only their readers need. */
const plainStyles: Plugin = {
  name: 'plain-styles',
  apply: 'build',
  enforce: 'pre',
  transform: (code, id) => (/\/client\/.*\.ts$/u.test(id) ? code.replace(/\bcss`([^`]*)`/gu, (_, sheet: string) => `css\`${plain(sheet)}\``) : undefined),
};

function plain(sheet: string): string {
  return sheet.replace(/\/\*.*?\*\//gsu, '').replace(/\s+/gu, ' ').replace(/ ?([{};,]) ?/gu, '$1').replace(/: /gu, ':').replace(/;\}/gu, '}').trim();
}

const TARGET = 'es2022';
/** The first that have light-dark(): what is written in its place for older ones does not work inside a shadow root. */
const CSS_TARGET = ['chrome123', 'firefox120', 'safari17.5'];

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [page, widget, websocketOnly, plainImports, plainStyles, verifyPage, verifier],
  experimental: { renderBuiltUrl: (file, { hostType }) => (hostType === 'html' ? `/${file}` : { relative: true }) },
  server: { port: 3081, strictPort: true, proxy: { '/api': proxy, '/socket.io': proxy } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: TARGET,
    cssTarget: CSS_TARGET,
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { checks: { pluginTimings: false }, input: { app: 'app.html', embed: 'embed.html', widget: 'widget.ts', 'widget-box': 'widget-box.ts' }, preserveEntrySignatures: 'allow-extension', output: { codeSplitting: { groups: [{ name: 'base', test: /node_modules\/(?:@?lit(?!.*directives\/(?:repeat|guard|keyed))|@lit)|client\/(?:icons|styles\/host)\.ts/u }] }, entryFileNames: ({ name }) => (name === 'widget' ? 'widget.js' : 'assets/[name]-[hash].js') } },
  },
});
