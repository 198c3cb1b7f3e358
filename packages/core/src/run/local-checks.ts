// The chunk that runs a model in the page and checks its events. Clients of a server do without it.
export { localAnswer } from './local-answer.ts';
