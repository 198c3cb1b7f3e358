import { StreamedText } from './StreamedText.tsx';
import './Reasoning.css';

interface ReasoningProps {
  text: string;
  isComplete: boolean;
}

/** What the model thought before it answered. Open at first: it is all there is to see until the answer begins. */
export function Reasoning({ text, isComplete }: ReasoningProps) {
  return (
    <details className="reasoning" open>
      <summary>{isComplete ? 'Reasoning' : 'Reasoning …'}</summary>
      <StreamedText text={text} isComplete={isComplete} />
    </details>
  );
}
