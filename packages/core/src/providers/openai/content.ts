import {
  listOrThrow,
  record,
  recordOrThrow,
  text,
  textOrThrow,
  UnexpectedValueError,
  type UnknownRecord,
} from '../../utils/read-value.ts';

/** A piece of the content of a message. */
export interface ContentPiece {
  readonly type: 'text' | 'thinking';
  readonly text: string;
  /** Fields of a thought, such as its signature. */
  readonly fields: UnknownRecord;
}

/**
 * Reads the content of a message or delta: text, or the list of pieces that Mistral's reasoning models send.
 * https://docs.mistral.ai/capabilities/reasoning/
 * @throws {UnexpectedValueError} for content of another type, which would be lost.
 */
export function readContent(content: unknown, path: string): ContentPiece[] {
  if (!Array.isArray(content)) {
    const words = textOrThrow(content, path);
    return words ? [{ type: 'text', text: words, fields: {} }] : [];
  }
  return content.flatMap((element, index) => {
    const at = `${path}[${index}]`;
    const wire = recordOrThrow(element, at);
    const piece = wire && readPiece(wire, at);
    return piece?.text ? piece : [];
  });
}

function readPiece(wire: UnknownRecord, path: string): ContentPiece | undefined {
  const { type, text: words, thinking, ...fields } = wire;
  if (thinking !== undefined && thinking !== null) {
    return { type: 'thinking', text: readThinking(thinking, `${path}.thinking`), fields };
  }
  const read = textOrThrow(words, `${path}.text`);
  // Pieces of other types, such as a reference, have no text.
  if (read === undefined && text(type) === undefined) throw new UnexpectedValueError(`${path}.text`, 'text', words);
  return { type: 'text', text: read ?? '', fields };
}

function readThinking(thinking: unknown, path: string): string {
  if (typeof thinking === 'string') return thinking;
  return listOrThrow(thinking, path)
    .map((piece, index) => textOrThrow(record(piece)?.['text'], `${path}[${index}].text`) ?? '')
    .join('');
}

/** The pieces of one type, joined. */
export function joinPieces(pieces: readonly ContentPiece[], type: ContentPiece['type']): string {
  return pieces.map((piece) => (piece.type === type ? piece.text : '')).join('');
}
