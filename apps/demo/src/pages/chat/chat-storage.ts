import { idbChats } from '@rivulet/core/chat-idb';

/** Where the chats of this page are kept. */
export const chatStorage = idbChats('rivulet-demo-chats');
