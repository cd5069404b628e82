import { join } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { build, type Plugin, type Rolldown } from 'vite';

const top = join(import.meta.dirname, '../..');

/** An application of one component, which `show` draws with other properties each time. */
const applications = {
  'react.tsx': `import { createElement } from 'react';
    import { createRoot } from 'react-dom/client';
    import { Chat } from '/infra/examples/react.tsx';
    const root = createRoot(document.querySelector('main'));
    window.show = (props) => root.render(createElement(Chat, { ...props, onUnread: (count) => window.unread.push(count) }));`,
  'Chat.vue': `import { createApp, h, shallowRef } from 'vue';
    import Chat from '/infra/examples/Chat.vue';
    const shown = shallowRef();
    createApp({ render: () => shown.value && h(Chat, { ...shown.value, onUnread: (count) => window.unread.push(count) }) }).mount('main');
    window.show = (props) => { shown.value = props; };`,
} as const;

/** A page whose application is made with a framework, from the example of this name, as its own build makes it. */
export async function frameworkPage(name: keyof typeof applications, deployment: string): Promise<{ body: string }> {
  const application: Plugin = {
    name: 'application',
    enforce: 'pre',
    resolveId: (id) => (id === 'application' ? '\0application' : undefined),
    load: (id) => (id === '\0application' ? applications[name] : undefined),
    transform: (code, id) => (id.includes('/infra/examples/') ? code.replaceAll('https://chat.example.com', deployment) : undefined),
  };
  const built = await build({
    root: top, configFile: false, logLevel: 'error', mode: 'production', publicDir: false,
    plugins: [application, vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === 'gorun-chat' } } })],
    build: { write: false, modulePreload: false, rolldownOptions: { input: 'application' } },
  }) as Rolldown.RolldownOutput;
  const [{ code }] = built.output;
  return { body: `<main></main><script>window.unread = [];</script><script type="module">${code.replaceAll('</script', String.raw`<\/script`)}</script>` };
}
