// React 19 passes properties and listeners of custom elements on as they are; with 18 add the listeners in the effect.
// `widget.d.ts` of the deployment describes the element.
import { useEffect, useRef } from 'react';

export function Chat({ site, token, product }: { site: string; token?: string; product?: string }) {
  const chat = useRef<GorunChatElement>(null);

  useEffect(() => {
    if (document.querySelector('script[data-gorunchat]')) return;
    const script = document.createElement('script');
    script.src = 'https://chat.example.com/widget.js';
    script.async = true;
    script.dataset['gorunchat'] = '';
    document.head.append(script);
  }, []);

  // Your own server signs the token for whoever is signed in with you; a new one comes before the old one runs out.
  useEffect(() => {
    void customElements.whenDefined('gorun-chat').then(() => (token ? chat.current?.identify(token) : chat.current?.forget()));
  }, [token]);

  useEffect(() => {
    void customElements.whenDefined('gorun-chat').then(() => chat.current?.setContext(product ? { product } : {}));
  }, [product]);

  return <gorun-chat ref={chat} site={site} />;
}
