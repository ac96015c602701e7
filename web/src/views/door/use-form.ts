import { useState, type FormEvent } from 'react';
import type { Outcome } from '../../store/model.ts';
import { problemSentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';

/** A form that says what is missing only after it was sent once, then follows the typing. */
export function useForm<Name extends string>(errors: Partial<Record<Name, string>>) {
  const words = useWords();
  const [sentOnce, setSentOnce] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ code: string; sentence: string } | null>(null);

  async function submit<T>(
    event: FormEvent,
    request: () => Promise<Outcome<T>>,
  ): Promise<T | null> {
    event.preventDefault();
    setSentOnce(true);
    if (Object.keys(errors).length > 0) {
      focusFirstBad(event.currentTarget);
      return null;
    }
    if (busy) return null;
    setBusy(true);
    setProblem(null);
    const outcome = await request();
    setBusy(false);
    if (outcome.ok) return outcome.value;
    setProblem({ code: outcome.problem.code, sentence: problemSentence(words, outcome.problem) });
    return null;
  }

  return { busy, problem, submit, errorOf: (name: Name) => (sentOnce ? errors[name] : undefined) };
}

function focusFirstBad(form: EventTarget): void {
  requestAnimationFrame(() => {
    if (form instanceof HTMLElement)
      form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  });
}

/** Drops the fields that are right. */
export function wrongOnes<Name extends string>(
  checks: Record<Name, string | false>,
): Partial<Record<Name, string>> {
  const wrong: Partial<Record<Name, string>> = {};
  for (const name in checks) {
    const sentence: string | false = checks[name];
    if (sentence !== false) wrong[name] = sentence;
  }
  return wrong;
}
