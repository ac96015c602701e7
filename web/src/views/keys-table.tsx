import { useWords, type Key } from '../words/words.ts';

type Plain = Extract<Key, `keys.${string}`>;
interface Shortcut {
  what: Plain;
  keys: readonly string[];
  joined?: 'then' | 'or';
}

const commandKey =
  typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)
    ? '⌘ K'
    : 'Ctrl K';

const groups: readonly { title: Plain; shortcuts: readonly Shortcut[] }[] = [
  {
    title: 'keys.anywhere',
    shortcuts: [
      { what: 'keys.new', keys: ['n', commandKey], joined: 'or' },
      { what: 'keys.inbox', keys: ['g', 'i'], joined: 'then' },
      { what: 'keys.requests', keys: ['g', 'r'], joined: 'then' },
      { what: 'keys.settings', keys: ['g', 's'], joined: 'then' },
      { what: 'keys.back', keys: ['Esc'] },
      { what: 'keys.sheet', keys: ['?'] },
    ],
  },
  {
    title: 'keys.list',
    shortcuts: [
      { what: 'keys.move', keys: ['↑', '↓'] },
      { what: 'keys.ends', keys: ['Home', 'End'] },
      { what: 'keys.open', keys: ['Enter'] },
    ],
  },
  {
    title: 'keys.deciding',
    shortcuts: [
      { what: 'keys.accept', keys: ['a'] },
      { what: 'keys.decline', keys: ['d'] },
      { what: 'keys.block', keys: ['b'] },
      { what: 'keys.report', keys: ['r'] },
      { what: 'keys.select', keys: ['x'] },
      { what: 'keys.select.range', keys: ['Shift x'] },
    ],
  },
  {
    title: 'keys.thread',
    shortcuts: [
      { what: 'keys.send', keys: ['Enter'] },
      { what: 'keys.line', keys: ['Shift Enter'] },
      { what: 'keys.messages', keys: ['↑', '↓'] },
    ],
  },
];

/** Every key of the page, as tables that read well aloud. */
export function KeysTable() {
  const { t } = useWords();
  return (
    <div className="keys">
      {groups.map(({ title, shortcuts }) => (
        <section key={title}>
          <h2>{t(title)}</h2>
          <dl>
            {shortcuts.map((shortcut) => (
              <div key={shortcut.what}>
                <dt>{t(shortcut.what)}</dt>
                <dd>
                  <Keys {...shortcut} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function Keys({ keys, joined }: Shortcut) {
  const { t } = useWords();
  return keys.map((key, at) => (
    <span key={key}>
      {at > 0 && joined !== undefined ? <i>{t(`keys.${joined}`)}</i> : null}
      <kbd>{key}</kbd>
    </span>
  ));
}
