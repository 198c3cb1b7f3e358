import { Transform } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * Says in the words of the Responses API how an answer ended: aimock (1.43) gives the status of one that met its limit
 * without the reason, and calls a filtered one failed.
 */
export function mendResponses(): Transform {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      done(null, lines.map((line) => `${mendLine(line)}\n`).join(''));
    },
    flush(done) {
      done(null, mendLine(rest + decoder.end()));
    },
  });
}

function mendLine(line: string): string {
  const found = /^data: (\{"type":"response\.completed".*)$/.exec(line)?.[1];
  if (!found) return line;
  const event = JSON.parse(found) as { response: { status: string } };
  const { status } = event.response;
  const reason = { incomplete: 'max_output_tokens', failed: 'content_filter' }[status];
  if (!reason) return line;
  const response = { ...event.response, status: 'incomplete', incomplete_details: { reason } };
  return `data: ${JSON.stringify({ ...event, response })}`;
}
