import { memo, useState } from 'react';
import { BlockReader, type Block } from './block-reader.ts';
import { TextBlock } from './TextBlock.tsx';
import './StreamedText.css';

const GROUP_SIZE = 24;

interface StreamedTextProps {
  /** Only ever grows; give the component a new key for another text. */
  text: string;
  isComplete: boolean;
}

/** Sets a growing text as blocks. What has settled is not rendered again, so an update costs what came, not what is there. */
export function StreamedText({ text, isComplete }: StreamedTextProps) {
  const [reader] = useState(() => new BlockReader());
  // Reading the same text twice changes nothing, so this is safe in a render that is repeated or dropped.
  reader.read(text);
  const tail = reader.tail(isComplete);
  const count = reader.settled.length + tail.length;
  const groupCount = Math.ceil(count / GROUP_SIZE);

  return (
    <div className="streamed-text">
      {Array.from({ length: groupCount }, (_, group) => {
        const start = group * GROUP_SIZE;
        const settled = Math.min(reader.settled.length, start + GROUP_SIZE) - start;
        return (
          <BlockGroup
            key={group}
            settled={reader.settled}
            start={start}
            count={Math.max(0, settled)}
            // Settled groups get no tail, and so the same properties each time.
            tail={start + GROUP_SIZE > reader.settled.length ? tailOf(tail, reader.settled.length, start) : NO_BLOCKS}
          />
        );
      })}
    </div>
  );
}

const NO_BLOCKS: readonly Block[] = [];

/** The part of the tail that falls into the group at `start`. */
function tailOf(tail: readonly Block[], settledCount: number, start: number): readonly Block[] {
  const first = Math.max(0, start - settledCount);
  return tail.slice(first, start + GROUP_SIZE - settledCount);
}

interface BlockGroupProps {
  settled: readonly Block[];
  start: number;
  count: number;
  tail: readonly Block[];
}

const BlockGroup = memo(function BlockGroup({ settled, start, count, tail }: BlockGroupProps) {
  // A block keeps its key when it settles, and with it its element and what is selected in it.
  return [...settled.slice(start, start + count), ...tail].map((block, index) => (
    // oxlint-disable-next-line react/no-array-index-key -- Blocks are only appended: their place is their identity.
    <TextBlock key={index} block={block} />
  ));
});
