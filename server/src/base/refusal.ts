import { errorCatalogue, type ErrorCode } from '@aside/protocol';

export interface RefusalData {
  /** For rate_limited and overloaded: when it is worth trying again. */
  retryAfterMs?: number;
  /** When it will be possible again if nothing else happens. */
  until?: Date;
}

/**
 * A named "no" that is the caller's business: never logged as a failure, always answered with the code
 * and a sentence fit for a person. `detail` replaces the catalogue's sentence where more is known.
 */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly data: RefusalData;

  constructor(code: ErrorCode, detail?: string, data: RefusalData = {}) {
    super(detail ?? errorCatalogue[code].detail);
    this.name = 'Refusal';
    this.code = code;
    this.data = data;
  }
}
