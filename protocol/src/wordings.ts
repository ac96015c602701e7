import type { GrantPurpose, Language } from './consent.ts';

/**
 * The words on the buttons by which a person allows a purpose, `@` standing for the sender's username. The page shows
 * them and the server stores them, so they are written once, here. A change of meaning needs a new sentence, not a
 * new translation: what is stored must be what was read.
 */
export const grantWordings: Record<Language, Record<GrantPurpose, string>> = {
  en: {
    service: 'Let @ write about what I began with them: orders, appointments, support',
    automated: 'Let @ send me automated messages',
    promotional: 'Let @ send me offers',
  },
  de: {
    service: '@ darf mir zu dem schreiben, was ich begonnen habe: Bestellungen, Termine, Hilfe',
    automated: '@ darf mir automatische Nachrichten schicken',
    promotional: '@ darf mir Angebote schicken',
  },
};

/** The button for one sender, exactly as it is shown and stored. */
export function grantWording(language: Language, purpose: GrantPurpose, username: string): string {
  return grantWordings[language][purpose].replace('@', `@${username}`);
}
