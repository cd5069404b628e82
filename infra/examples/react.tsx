// For React 19; with 18 declare the tag in the global namespace JSX. `https://chat.example.com/widget.d.ts`, put beside this file, describes the element.
import { useEffect, useRef, type default as React } from 'react';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'gorun-chat': React.DetailedHTMLProps<React.HTMLAttributes<GorunChatElement> & GorunChatAttributes, GorunChatElement>;
    }
  }
}

interface ChatProps {
  site: string;
  /** Your own server signs it for whoever is signed in with you; a new one comes before the old one runs out. */
  token?: string | undefined;
  product?: string | undefined;
  onUnread?: (count: number) => void;
}

export function Chat({ site, token, product, onUnread }: ChatProps) {
  const chat = useRef<GorunChatElement>(null);
  const isKnown = useRef(false);

  useEffect(() => {
    if (document.querySelector('script[data-gorunchat]')) return;
    const script = document.createElement('script');
    script.src = 'https://chat.example.com/widget.js';
    script.async = true;
    script.dataset['gorunchat'] = '';
    document.head.append(script);
  }, []);

  useEffect(() => {
    // Who was never known is not forgotten: an anonymous visitor keeps their conversation from page to page.
    if (token === undefined && !isKnown.current) return;
    isKnown.current = token !== undefined;
    customElements.whenDefined('gorun-chat').then(() => (token === undefined ? chat.current?.forget() : chat.current?.identify(token))).catch(console.warn);
  }, [token]);

  useEffect(() => {
    customElements.whenDefined('gorun-chat').then(() => chat.current?.setContext(product === undefined ? {} : { product })).catch(console.warn);
  }, [product]);

  useEffect(() => {
    const element = chat.current;
    const heard = ({ count }: GorunChatEventMap['gorun-unread']): void => onUnread?.(count);
    element?.addEventListener('gorun-unread', heard);
    return () => element?.removeEventListener('gorun-unread', heard);
  }, [onUnread]);

  return <gorun-chat ref={chat} site={site} />;
}
