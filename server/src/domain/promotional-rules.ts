// Lines that sell, as named rules: anyone can read why a message was taken for an offer, and a sender can ask which
// rule it was. Patterns read folded text (small letters, no accents: ü is u, ß stays), white space as one space,
// every link as @, typographic quotes as '. Gaps have a bound, so that the cost grows with the length alone.

export interface PromotionalRule {
  name: string;
  /** What the rule takes for an offer, for the documentation. */
  means: string;
  /** A line that it hits. */
  example: string;
  pattern: RegExp;
}

/** Names are kept for ever: they stand in what senders were told. English and German; others are not judged. */
export const promotionalRules: readonly PromotionalRule[] = [
  {
    name: 'percent_off',
    means: 'A share of the price is taken off for whoever buys.',
    example: '20 % off everything this week',
    pattern: anyOf(
      /\b\d+ ?(?:%|percent|pct)-? ?(?:off|discount)\b/,
      /\b\d+ ?(?:%|prozent)-? ?(?:rabatt|nachlass|reduziert|gunstiger|billiger|auf alle|auf das gesamte|on every)/,
      /\b(?:save|sparen sie|spare|spar dir) (?:up to |bis zu )?\d+ ?(?:%|percent|prozent)/,
      /\brabatt(?:e)? von (?:bis zu )?\d+ ?(?:%|prozent)/,
    ),
  },
  {
    name: 'money_off',
    means: 'An amount is taken off, or the price is halved.',
    example: 'Get £5 off your next order',
    pattern: anyOf(
      /[$€£] ?\d+(?:[.,]\d+)? off\b/,
      /\b\d+(?:[.,]\d+)? ?(?:[$€£]|eur|euro|usd|dollars|pounds|franken|chf) (?:off|rabatt|nachlass|gunstiger|billiger|geschenkt)\b/,
      /\b(?:half price|zum halben preis|buy one,? get one|2 for 1|2 fur 1|2-fur-1)\b/,
    ),
  },
  {
    name: 'sale',
    means: 'A sale is announced.',
    example: 'Our summer sale has begun',
    pattern: anyOf(
      /\b(?:flash|summer|winter|spring|autumn|clearance|holiday|christmas|xmas|black friday|cyber monday|mid-?season|end of season) (?:sale|deals?|offers?|specials?)\b/,
      /\b(?:schlu(?:ss|ß)verkauf|sommerschlu(?:ss|ß)verkauf|winterschlu(?:ss|ß)verkauf|ausverkauf|raumungsverkauf|rabattaktion|sonderangebote?|schnappchen)\b/,
      /\b(?:black[- ]friday|cyber[- ]monday|oster|weihnachts|sommer|winter)-?(?:angebote?|deals?|rabatte?|sale)\b/,
      /\b(?:our|biggest|big|huge|mega|annual|final|grand) (?:\S{1,12} ){0,2}sale\b(?! (?:of your|price|contract|agreement))/,
      /\bsale (?!of your)(?:\S{1,12} ){1,4}(?:starts|begins|ends)\b|\beverything must go\b|\balles muss (?:raus|weg)\b/,
    ),
  },
  {
    name: 'offer_ends',
    means: 'A sale, deal or offer is said to begin or to end.',
    example: 'The offer ends on Sunday',
    pattern: anyOf(
      /(?<!\bjob )\b(?:sale|offer|deal|discount|promo|promotion)s? (?:ends?|is ending|expires?|closes|starts|must end|is (?:now )?on|valid)\b/,
      /\b(?:angebot|aktion|rabatt|sale)e? (?:endet|lauft (?:bald )?ab|startet|gilt nur|nur (?:noch )?bis|nur heute)\b/,
    ),
  },
  {
    name: 'discount_code',
    means: 'A code makes it cheaper.',
    example: 'Use the code SAVE10 at checkout',
    pattern: anyOf(
      /\b(?:discount|promo|promotion|promotional|coupon|voucher) ?-?codes?\b/,
      /\b(?:gutschein|rabatt|aktions|promo)-? ?codes?\b/,
      /\bcode:? \S{3,20} (?:at (?:the )?checkout|for \d+ ?%|to save|an der kasse|im warenkorb)/,
    ),
  },
  {
    name: 'buy_now',
    means: 'The reader is told to buy, order, book or subscribe now.',
    example: 'Buy now, pay later',
    pattern: anyOf(
      /\b(?:buy|shop|subscribe|upgrade|purchase)(?: it| yours| online)? (?:now|today)\b/,
      /(?<!\b(?:your|this|the|my|our|an|last|to|you) )\b(?:order|book)(?: it| yours| online)? (?:now|today)\b/,
      /\b(?:pre-?order|order yours|get yours|grab yours|buy yours)\b/,
      /\b(?:jetzt|noch heute|gleich|heute noch) (?:\S{1,20} ){0,2}(?:kaufen|bestellen|buchen|shoppen|zuschlagen|zugreifen|vorbestellen)\b/,
      /\b(?:kaufen|bestellen|shoppen|kauf|bestell|shoppe) (?:sie )?(?:jetzt|noch heute|gleich)\b/,
    ),
  },
  {
    name: 'free_thing',
    means: 'Something is offered for nothing: a trial, a gift, a sample.',
    example: 'Start your free trial',
    pattern: anyOf(
      /(?<!\b(?:your|the|of) )\bfree (?:trial|gift|sample|bonus|membership|month|ticket|tickets|voucher|consultation|demo|ebook|webinar)\b/,
      /\b(?:start|try|get|claim|begin|activate|grab)(?: out)? (?:your|the|our) free (?:trial|gift|sample|month|copy|bonus)\b/,
      /\b(?:kostenlos|gratis|unverbindlich) (?:testen|probieren|ausprobieren|sichern)\b/,
      /\b(?:kostenlose[nrs]?|gratis)-? ?(?:probe|probemonat|probeabo|testversion|geschenk|muster|monat|beratung|webinar)\b/,
    ),
  },
  {
    name: 'prize',
    means: 'A prize is won, can be won or waits to be claimed.',
    example: 'Claim your prize',
    pattern: anyOf(
      /\byou(?:'ve| have)? (?:just )?won (?:a |an |our |[$€£]|\d)/,
      /\bclaim (?:your|ur|a|the) (?:\S{1,12} ){0,2}(?:prize|reward|gift|bonus|cash|award|voucher)\b/,
      /[$€£] ?\d[\d.,]* (?:cash|prize|award|reward|bonus|gift|voucher|jackpot)\b/,
      /\byou (?:have been|were|are) (?:\S{1,12} )?(?:selected|chosen|awarded) (?:to receive|to win|as (?:a|our) winner|for a prize|an? [$€£])/,
      /\b(?:prize draw|free entry|cash prize|giveaway|guaranteed prize|lucky winner|win (?:a|an|up to|one of|[$€£]))(?!\w)/,
      /\b(?:gewinnspiel|verlosung|(?:sie haben|du hast) (?:\S{1,20} ){0,4}gewonnen|jetzt gewinnen|gewinnen sie|gewinne (?:ein|eine|einen|mit)\b)/,
    ),
  },
  {
    name: 'donate',
    means: 'Money is asked for a cause.',
    example: 'Please donate to the new roof',
    pattern: anyOf(
      /\b(?:please|can you|could you|will you|to) donate (?:now|today|here|to|for|via|at|[$€£]|\d|@)/,
      /\b(?:donate (?:now|today|here|at @)|make a donation|donations? (?:are )?(?:needed|welcome)|fund-?raisers?|fund-?raising|crowdfunding)\b/,
      /\b(?:jetzt|bitte|heute noch) (?:\S{1,20} ){0,3}spenden?\b|\bspenden sie\b|\bspende (?:jetzt|noch heute)\b/,
      /\b(?:spendenaktion|spendenaufruf|mit (?:ihrer|deiner|einer) spende)\b/,
    ),
  },
  {
    name: 'limited_time',
    means: 'The reader is hurried: little time, little stock.',
    example: 'For a limited time only',
    pattern: anyOf(
      /\blimited[- ](?:time|offer|stock|places)\b|\bwhile (?:stocks?|supplies|they) last\b/,
      /\bdon't miss (?:out|our|this (?:offer|deal|chance|sale))\b/,
      /\blast chance to (?:save|buy|get|shop|win|grab|order)\b/,
      /\b(?:nur fur kurze zeit|solange (?:der )?vorrat|letzte chance auf|nur solange|begrenztes angebot|zeitlich begrenzt)\b/,
    ),
  },
  {
    name: 'newsletter_pitch',
    means: 'The reader is asked to subscribe, join or follow.',
    example: 'Sign up for our newsletter',
    pattern: anyOf(
      /\b(?:subscribe|sign up|join)(?: now| today)? (?:to |for )?(?:our|my|the) (?:\S{1,15} )?(?:newsletter|mailing list|channel|club|community|programme|program)\b/,
      /\b(?:newsletter (?:abonnieren|bestellen)|(?:abonnieren sie|abonniere) (?:jetzt )?(?:unseren|meinen|unsern|den))\b/,
      /\b(?:follow|like) (?:us|our page|my page) (?:on|for|@)/,
    ),
  },
  {
    name: 'new_in_shop',
    means: 'New goods are announced.',
    example: 'Discover our new collection',
    pattern: anyOf(
      /\b(?:discover|explore|introducing|check out|have a look at) (?:our|my|the) (?:all-|brand )?(?:new|latest)\b/,
      /\b(?:new arrivals|new collection|latest collection|our new (?:range|product line|menu)|(?:our|my) new (?:book|album|course|app) is (?:out|here))\b/,
      /\b(?:neue kollektion|neu eingetroffen|neu im (?:sortiment|shop)|(?:entdecken sie|entdecke) (?:jetzt )?(?:unsere?n?|die neuen?))\b/,
    ),
  },
  {
    name: 'shop_link',
    means: 'A word of selling stands just before a link.',
    example: 'All our deals: shop.example.com',
    pattern: anyOf(
      /\b(?:shop (?:here|online|all|our|at)|buy (?:here|it|online|at|from)|jetzt (?:shoppen|einkaufen)|hier (?:kaufen|shoppen))\b[^.!?@]{0,40}@/,
      /\b(?:(?:all|our|great|best|new|more|hot|latest|exclusive) (?:deals|offers|bargains)|(?:unsere|alle|neue|tolle|mehr) (?:angebote|schnappchen|aktionen))\b[^.!?@]{0,40}@/,
    ),
  },
  {
    name: 'cold_pitch',
    means: 'A service or an income is pitched to somebody who did not ask.',
    example: 'We help you grow your business',
    pattern: anyOf(
      /\b(?:grow|boost|scale|double) your (?:\S{1,15} )?(?:business|followers|following|sales|audience|revenue|income|traffic|brand|engagement)\b/,
      /\b(?:earn|make|verdiene|verdienen sie) (?:up to |bis zu )?(?:[$€£] ?\d[\d.,]*|\d[\d.,]* ?(?:[$€£]|euro|eur|dollars)) ?(?:a|per|every|pro|am|im|each)\b/,
      /\b(?:passive income|passives einkommen|financial freedom|finanzielle freiheit)\b/,
      /\b(?:schedule|book) (?:a|your) (?:free|quick|discovery|strategy|sales) (?:\S{1,10} )?(?:call|demo|chat)\b/,
      /\b(?:unverbindliches angebot|kostenloses erstgesprach|mehr (?:umsatz|kunden|follower|reichweite) (?:fur|mit))\b/,
    ),
  },
];

/** One pattern that matches where one of them does; each is written out in a line of its own. */
function anyOf(...patterns: RegExp[]): RegExp {
  return new RegExp(patterns.map((pattern) => pattern.source).join('|'), 'u');
}
