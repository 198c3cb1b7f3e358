import { isImeEvent } from '@rivulet/react';
import { memo, type KeyboardEvent, type SubmitEvent } from 'react';
import { SubmitButton } from '../../components/SubmitButton.tsx';
import { ChoiceField } from '../../components/ChoiceField.tsx';
import type { Draft } from './draft.ts';
import { ENDINGS, type Ending } from './failure-prompts.ts';
import '../../components/Composer.css';
import '../../components/ModelSettings.css';
import './ObjectForm.css';

interface ObjectFormProps {
  draft: Draft;
  ending: Ending;
  hasRepair: boolean;
  /** Whether the demo's own model answers, which ends as it is told. */
  canEnd: boolean;
  isBusy: boolean;
  schemaProblem: string | null;
  promptProblem: string | null;
  onDraft: (draft: Draft) => void;
  onEnding: (ending: Ending) => void;
  onRepair: (hasRepair: boolean) => void;
  onAsk: () => void;
  onStop: () => void;
}

export const ObjectForm = memo(function ObjectForm(props: ObjectFormProps) {
  const { draft, ending, hasRepair, canEnd, isBusy, schemaProblem, promptProblem, onDraft, onEnding, onRepair } = props;

  /** A text of many lines is what is written here, so Enter alone breaks the line. */
  const sendOnModifiedEnter = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || isImeEvent(event)) return;
    event.preventDefault();
    // A second press must not stop what the first one started.
    if (!isBusy) props.onAsk();
  };

  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (isBusy) props.onStop();
    else props.onAsk();
  };

  return (
    <>
      <form id="object-form" className="object-form" onSubmit={submit} noValidate>
        <div className="object-field">
          <div className="field-head">
            <label htmlFor="prompt">Prompt</label>
          </div>
          <textarea
            id="prompt"
            rows={6}
            value={draft.prompt}
            onChange={(event) => onDraft({ ...draft, prompt: event.target.value })}
            onKeyDown={sendOnModifiedEnter}
            aria-invalid={promptProblem !== null}
            aria-describedby="prompt-help"
          />
          <p id="prompt-help" className="field-help">
            {promptProblem === null ? (
              <>
                <kbd>Ctrl</kbd> <kbd>Enter</kbd> sends, <kbd>Esc</kbd> stops
              </>
            ) : (
              <span className="field-problem">{promptProblem}</span>
            )}
          </p>
        </div>
        <div className="object-field">
          <div className="field-head">
            <label htmlFor="schema">JSON Schema</label>
          </div>
          <textarea
            id="schema"
            className="object-schema"
            rows={12}
            value={draft.schemaText}
            onChange={(event) => onDraft({ ...draft, schemaText: event.target.value })}
            onKeyDown={sendOnModifiedEnter}
            aria-invalid={schemaProblem !== null}
            aria-describedby="schema-help"
            spellCheck={false}
            autoCapitalize="off"
          />
          <p id="schema-help" className="field-help">
            {schemaProblem === null ? (
              'What the object has to hold to.'
            ) : (
              <span className="field-problem">{schemaProblem}</span>
            )}
          </p>
        </div>
        <div className="object-checks">
          <label>
            <input
              type="checkbox"
              checked={draft.isList}
              onChange={(event) => onDraft({ ...draft, isList: event.target.checked })}
            />
            Ask for a list of these
          </label>
          <label>
            <input type="checkbox" checked={hasRepair} onChange={(event) => onRepair(event.target.checked)} />
            Let the model repair it once
          </label>
        </div>
        {canEnd && (
          <ChoiceField id="ending" label="How it ends" choices={ENDINGS} value={ending.id} onChange={onEnding} />
        )}
      </form>
      <SubmitButton id="submit" form="object-form" isLoading={isBusy} />
    </>
  );
});
