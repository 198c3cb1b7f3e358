import { useState } from 'react';

/** A call that a person answers. */
export function ColourPicker({ onPick }: { onPick: (colour: string) => void }) {
  const [colour, setColour] = useState('#0a6787');
  return (
    <div className="tool-decision">
      <input type="color" aria-label="Colour" value={colour} onChange={(event) => setColour(event.target.value)} />
      <button type="button" className="button-strong" onClick={() => onPick(colour)}>
        Use this colour
      </button>
    </div>
  );
}
