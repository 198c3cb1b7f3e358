import type { ChatStorage, SaveResult, StoredChat } from '@rivulet/core/chat';

/** Keeps chats on a server, which merges saves by message id and revision. */
export function serverChats(url: string): ChatStorage {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`The server answered with ${response.status}`);
    return (await response.json()) as T;
  }
  const path = (id: string): string => `/${encodeURIComponent(id)}`;
  return {
    load: (id) => call<StoredChat | null>('GET', path(id)),
    save: (id, changes) => call<SaveResult>('PATCH', path(id), changes),
    saveDraft: () => undefined, // only whole turns are sent
    clear: (id) => call('DELETE', `${path(id)}/messages`),
    list: () => call('GET', '/'),
    rename: (id, title) => call('PATCH', `${path(id)}/title`, { title }),
    remove: (id) => call('DELETE', path(id)),
  };
}
