import type { Problem } from '../../store/model.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { CircleAlert, Search } from '../../ui/icons.ts';
import { problemSentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';
import { PaneHeader } from '../pane-header.tsx';

/** For a username that nobody has, and for a profile that did not load. */
export function NobodyThere({ username, problem, onRetry }: NobodyThereProps) {
  const words = useWords();
  const missing = problem.code === 'not_found';
  return (
    <>
      <PaneHeader back={{ name: 'inbox' }}>{null}</PaneHeader>
      <Empty
        icon={missing ? Search : CircleAlert}
        title={missing ? words.t('person.missing', { username }) : words.t('person.failed')}
        level={1}
      >
        <p>{missing ? words.t('person.missing.what') : problemSentence(words, problem)}</p>
        {missing ? null : <Button onClick={onRetry}>{words.t('do.retry')}</Button>}
      </Empty>
    </>
  );
}

interface NobodyThereProps {
  username: string;
  problem: Problem;
  onRetry: () => void;
}
