// The numbers and the yes-or-no rules of the law, apart, so that each can be broken on its own: a rule that can be
// broken without any test noticing is not tested.

export const hour = 3_600_000;
export const day = 24 * hour;

export const law = {
  /** A request waits this long for a decision. */
  requestMs: 30 * day,
  /** And its sender this long before another. */
  retryMs: 90 * day,
  robotCreditMs: day,
  serviceCreditMs: 7 * day,
  serviceCredits: 5,
  firstMessageMax: 280,
  budgetMs: 30 * day,
  similarFrom: 2,
  bulkFrom: 10,
  slowFrom: 40,
  youngMs: 7 * day,
  reportMs: 30 * day,

  robotsAreNeverPersonal: true,
  robotsAccept: false,
  creditsAddUp: false,
  oneKindUsesUpTheOther: true,
  creditCarriesOffers: false,
  grantsCostCredit: false,
  revokedIsSticky: true,
  renameReopens: false,
  siblingsShareRefusals: true,
  siblingsShareGrants: false,
  stopIsForAll: false,
  followersAreAdmitted: false,
  declineShows: false,
  blockShows: false,
  blockEndsFollow: true,
  blockVoidsCredit: true,
  blockVoidsGrants: true,
  unblockRestores: false,
  shortTextsAreExempt: true,
  acceptanceGivesBack: true,
  youngAcceptanceGivesBack: false,
  editOnce: true,
  editIsChecked: true,
  editsReachClosed: false,
  /** A refusal that a sister brand caused stands in the profile from the moment it holds. */
  sistersShowAtOnce: true,
};

export type Law = typeof law;
