// The chunk that reads what a provider in the page generates.
export { checkedEvent } from './checked-event.ts';
export { createCallCompletion } from './complete-calls.ts';
