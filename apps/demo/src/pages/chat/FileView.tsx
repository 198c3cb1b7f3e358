import type { FilePart } from '@rivulet/core';
import { formatBytes } from './format-bytes.ts';

/** A file of a message. An image is shown if it came with the message: none is loaded from elsewhere. */
export function FileView({ file }: { file: FilePart }) {
  const { mediaType, data, url, filename = 'file' } = file;
  const source = data === undefined ? url : `data:${mediaType};base64,${data}`;
  if (mediaType.startsWith('image/') && source?.startsWith('data:')) {
    return <img className="chat-image" src={source} alt={filename} />;
  }
  return (
    <span className="chat-file">
      <span className="chat-file-name">{filename}</span>
      {data !== undefined && <span className="chat-file-size">{formatBytes(sizeOf(data))}</span>}
    </span>
  );
}

/** How many bytes base64 stands for. */
function sizeOf(base64: string): number {
  return (base64.length * 3) / 4 - (/={0,2}$/.exec(base64)?.[0].length ?? 0);
}
