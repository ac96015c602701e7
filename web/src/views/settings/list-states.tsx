import type { Problem } from '../../store/model.ts';
import { Button } from '../../ui/button.tsx';
import { Late } from '../../ui/late.tsx';
import { problemSentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';

/** A list of the settings that did not come. */
export function ListFailed({
  title,
  problem,
  onRetry,
}: {
  title: string;
  problem: Problem;
  onRetry: () => void;
}) {
  const words = useWords();
  return (
    <div className="list-failed" role="alert">
      <p>
        {title} {problemSentence(words, problem)}
      </p>
      <Button onClick={onRetry}>{words.t('do.retry')}</Button>
    </div>
  );
}

/** A list of the settings that is on its way. */
export function ListComing() {
  return (
    <Late>
      <div className="list-coming" aria-hidden="true">
        <span className="bone" />
        <span className="bone" />
        <span className="bone" />
      </div>
    </Late>
  );
}
