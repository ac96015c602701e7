// Which endings make a bare `name.ending` an address. Not the whole root zone: of its 1,400 entries most are brands
// and English words, and `ok.now` or `bye.love` is far more often a missing space than an address.

/** Two-letter endings of the root zone, by first letter. Source: IANA, Root Zone Database. */
const countries =
  'a:cdefgilmoqrstuwxz b:abdefghijmnorstvwyz c:acdfghiklmnoruvwxyz d:ejkmoz e:cegrstu f:ijkmor ' +
  'g:adefghilmnpqrstuwy h:kmnrtu i:delmnoqrst j:emop k:eghimnprwyz l:abcikrstuvy m:acdeghklmnopqrstuvwxyz ' +
  'n:acefgilopruz o:m p:aefghklmnrstwy q:a r:eosuw s:abcdeghijklmnortuvxyz t:cdfghjklmnortvwz u:agksyz ' +
  'v:aceginu w:fs y:et z:amw';

const generic =
  'com net org edu gov mil int info biz name mobi tel asia cat coop museum pro aero jobs travel xxx ' +
  'academy adult agency app art auction bargains bank bar beauty best bet bid bike blog boutique business buzz cafe ' +
  'camp capital cards care careers casa cash casino center chat cheap church city claims click clinic clothing cloud ' +
  'club coach codes coffee community company computer consulting cool coupons credit cricket cyou dance date dating ' +
  'deals delivery design dev diet digital direct directory discount doctor dog download earth email energy ' +
  'engineering estate events exchange expert exposed express family fans farm fashion finance financial fit fitness ' +
  'flights forex forsale foundation fun fund fyi gallery game games gift gifts gives global gold golf graphics gratis ' +
  'green group guide guru health help hiphop hosting hot house icu immo inc ink institute insure international ' +
  'investments jewelry kaufen kim land law lease legal life limited link live living loan loans lol lottery love ' +
  'ltd ltda luxe luxury market marketing mba media men menu mom money monster mortgage mov movie network news ninja ' +
  'now one onl online ooo page partners parts party pet pharmacy phd photo photography photos pics pink pizza plus ' +
  'poker porn press productions promo properties property pub quest racing realty recipes red reisen rent report ' +
  'rest restaurant review reviews rip rocks run sale save science school services sex sexy shoes shop shopping show ' +
  'singles site ski skin soccer social software solutions space sport storage store stream studio style supply ' +
  'support surf systems tattoo tax taxi team tech technology tennis tips tires today tools top tours town toys trade ' +
  'trading training tube uno vacations vegas ventures vet video vin vip vision vodka vote voyage watch webcam website ' +
  'wedding wiki win wine work works world wtf xin xyz yachts yoga zip zone ' +
  'africa amsterdam bayern berlin brussels cologne eus gal gmbh hamburg istanbul koeln london moscow nrw nyc paris ' +
  'ruhr saarland scot swiss tirol tokyo wales wien';

const other =
  'ею бел мкд рф рус срб укр қаз сайт онлайн орг ком дети москва ελ ευ հայ გე ישראל ایران پاکستان السعودية امارات ' +
  'مصر المغرب قطر عمان شبكة موقع भारत ভারত বাংলা இந்தியா இலங்கை ไทย 中国 中國 公司 网络 网址 在线 中文网 手机 商城 ' +
  '商店 网店 集团 游戏 我爱你 香港 台湾 台灣 新加坡 한국 닷컴 닷넷 삼성 コム みんな ストア セール';

/** Endings in lower case that a bare domain may have; `xn--` endings stand beside them. */
export const topLevelDomains: ReadonlySet<string> = new Set([
  ...countries.split(' ').flatMap(byFirstLetter),
  ...generic.split(' '),
  ...other.normalize('NFKC').split(' '),
]);

/** Endings that are words as well: with a capital letter (`Ok.So I went`) they begin a sentence. */
export const wordLikeDomains: ReadonlySet<string> = new Set(
  (
    'ag al am as at au be ca da de do er es eu fr ga id im in is it la lo ma me mo mu my na ne no pa pm re sa se ' +
    'si so to tu um us ve va art bank bar best bet bike cafe camp care cash chat cheap city click coach coffee cool ' +
    'dance date deals direct doctor dog email energy events express family fans farm fit fun game games gift gifts ' +
    'gold golf gratis green group guide health help hot house kaufen land law legal life live living love men mom ' +
    'money movie news now one party pet photo photos pink pizza plus poker red rent report rest run sale save school ' +
    'sex sexy shop shopping show social sport support surf taxi team tips today top town trade training video vote ' +
    'watch win wine work works world zip link'
  ).split(' '),
);

/** Endings that files, programs and variables have too: `README.md`, `user.name`. They need `www.` or a path. */
export const fileLikeDomains: ReadonlySet<string> = new Set([
  'md',
  'mov',
  'name',
  'py',
  'sh',
  'zip',
]);

function byFirstLetter(group: string): string[] {
  const [first = '', seconds = ''] = group.split(':');
  return seconds.split('').map((second) => first + second);
}
