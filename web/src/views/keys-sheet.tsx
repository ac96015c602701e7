import { Dialog } from '../ui/dialog.tsx';
import { useWords } from '../words/words.ts';
import { KeysTable } from './keys-table.tsx';

/** What `?` shows. */
export default function KeysSheet({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  return (
    <Dialog title={t('keys.title')} onClose={onClose}>
      <KeysTable />
    </Dialog>
  );
}
