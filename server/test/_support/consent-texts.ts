// The texts of the consent tests, chosen so that “near-identical” needs no thought: the same template with another
// name is, two templates are not.

export type Template = 'bees' | 'choir' | 'hike' | 'short' | 'full' | 'long' | 'stop';

export interface Text {
  template: Template;
  /** Which of the names it is addressed to. */
  name: number;
}

const names = ['Ada', 'Bea', 'Mr Conrad', 'Zoë', 'Doctor Ix', 'Eve'];
const stops = ['stop', 'STOP.', 'Unsubscribe', 'ｓｔｏｐ', 'Opt out!', 'quit'];

const filler =
  'the ferry leaves at noon from the second pier and takes about forty minutes with a good wind, bring warm clothes and ' +
  'some bread, my cousin waits on the island with her dog and two kayaks, we paddle around the lighthouse until evening ' +
  'and sleep in the old barn behind the orchard, which smells of apples and hay all year';

/** What is written. */
export function render({ template, name }: Text): string {
  const who = names[name % names.length]!;
  switch (template) {
    case 'bees':
      return `Dear ${who}, we met when Lena turned forty and you told me of your grandfather’s bees; may I ask something about them?`;
    case 'choir':
      return `${who}, did you also sing in that harbour church, beneath its broken organ, when everybody forgot half of Bruckner?`;
    case 'hike':
      return `Good evening ${who}, photographs of our mountain trip are finally here: https://hike.example/album (take your time)`;
    case 'short':
      return `Hi ${who}!`;
    case 'full':
      return `${who}: ${filler}`.slice(0, 280);
    case 'long':
      return `${who}: ${filler}`.slice(0, 281);
    case 'stop':
      return stops[name % stops.length]!;
  }
}

/** Length as a reader counts it; there is nothing in these texts of which one character is two. */
export function lengthOf(text: Text): number {
  return render(text).length;
}

export function isShort({ template }: Text): boolean {
  return template === 'short' || template === 'stop';
}

export function isStopWord({ template }: Text): boolean {
  return template === 'stop';
}

export function hasLink({ template }: Text): boolean {
  return template === 'hike';
}

/** `full` and `long` are the same letter but for its end. */
export function similar(one: Text, other: Text): boolean {
  const root = ({ template }: Text): string => (template === 'long' ? 'full' : template);
  return root(one) === root(other);
}
