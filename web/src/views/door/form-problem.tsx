import { CircleAlert } from '../../ui/icons.ts';

/** Why the server said no; its room is there from the start of a try, so a screen reader hears it come. */
export function FormProblem({ sentence }: { sentence: string | null }) {
  return (
    <div role="alert">
      {sentence === null ? null : (
        <p className="form-problem">
          <CircleAlert aria-hidden="true" />
          {sentence}
        </p>
      )}
    </div>
  );
}
