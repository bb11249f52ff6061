/** The session, or what is one's own, is another than before; or a key or backup codes, which are shown once, were made anew. */
type News = 'changed' | 'new-key' | 'new-codes';

/** Between the windows of a browser, which have one session. It carries nothing but that there is news. */
const channel = new BroadcastChannel('twinlock');

export const tellOtherWindows = (news: News): void => channel.postMessage(news);

/** Calls `act` when another window tells something; returns how to stop. */
export function whenOtherWindowTells(act: (news: News) => void): () => void {
  const hear = ({ data }: MessageEvent<News>) => act(data);
  channel.addEventListener('message', hear);
  return () => channel.removeEventListener('message', hear);
}
