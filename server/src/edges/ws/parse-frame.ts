import { Compile } from 'typebox/compile';
import { ClientFrame } from '@aside/protocol/schemas';

const check = Compile(ClientFrame);

/** A client's frame, or null when it is not JSON, not one of ours, or has a field that is not known. */
export function parseFrame(text: string): ClientFrame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  // JSON can carry "__proto__" as an own key; the validator counts keys and refuses it like any unknown field.
  return check.Check(value) ? value : null;
}
