import { createRecordChats } from './record-chats.ts';
import type { ChatStorage } from './types.ts';
import { createMutex } from './mutex.ts';
import type { FoundRecord, RecordKey } from './records.ts';

/** Keeps chats as long as the page lives. */
export function memoryChats(): ChatStorage {
  const found = new Map<string, { readonly key: RecordKey; readonly value: unknown }>();
  const exclusive = createMutex();
  return createRecordChats({
    canFailAlone: true,
    transaction: (_id, _mode, work) =>
      exclusive(() =>
        work({
          read: (key): FoundRecord | undefined => found.get(JSON.stringify(key)),
          write: (key, value) => void found.set(JSON.stringify(key), { key, value }),
          delete: (key) => void found.delete(JSON.stringify(key)),
          copy(from, to) {
            const record = found.get(JSON.stringify(from));
            if (record) found.set(JSON.stringify(to), { key: to, value: record.value });
          },
          keys: (kind, chatId) =>
            Array.from(found.values(), ({ key }) => key).filter((key) =>
              typeof key === 'string'
                ? kind === 'legacy'
                : key[0] === kind && (chatId === undefined || key[1] === chatId),
            ),
        }),
      ),
  });
}
