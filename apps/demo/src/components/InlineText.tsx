const MARKED = /`([^`\n]+)`|\*\*([^*\n]+)\*\*/g;

/** Text in which `code` and **strong** are set as such; all else stays as the model wrote it. */
export function InlineText({ text }: { text: string }) {
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(MARKED)) {
    const [whole, code, strong] = match;
    if (match.index > end) pieces.push(text.slice(end, match.index));
    pieces.push(
      code === undefined ? <strong key={match.index}>{strong}</strong> : <code key={match.index}>{code}</code>,
    );
    end = match.index + whole.length;
  }
  pieces.push(text.slice(end));
  return pieces;
}
