import { createContext } from 'react';

/** Which message of the open conversation is being corrected, and how that ends. */
export const EditContext = createContext<{ seq: number | null; name: string; close: () => void }>({
  seq: null,
  name: '',
  close: () => {},
});
