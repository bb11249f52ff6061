/** The session, or what is one's own, is another than before; or what is shown once was made anew. */
type News = 'changed' | 'made-anew';

/** Between the windows of a browser, which have one session. It carries nothing but that there is news. */
const channel = new BroadcastChannel('twinlock');

export const tellOtherWindows = (news: News): void => channel.postMessage(news);

/** Calls `act` when another window tells something; returns how to stop. */
export function whenOtherWindowTells(act: (news: News) => void): () => void {
  const hear = ({ data }: MessageEvent<News>) => act(data);
  channel.addEventListener('message', hear);
  return () => channel.removeEventListener('message', hear);
}
