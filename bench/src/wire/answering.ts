/** A `fetch` that answers at once with these bytes, a chunk whenever the reader wants one. */
export function answering(bytes: Uint8Array, chunkSize: number): () => Promise<Response> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, i) =>
    bytes.slice(i * chunkSize, (i + 1) * chunkSize),
  );
  return () => {
    let next = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(chunks[next++]!);
        if (next === chunks.length) controller.close();
      },
    });
    return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  };
}
