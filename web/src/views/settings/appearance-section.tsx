import { useState } from 'react';
import { Choices } from '../../ui/choices.tsx';
import { chooseLanguage, languageChoice, useWords } from '../../words/words.ts';
import { chooseTheme, chosenTheme } from '../theme.ts';

/** Language and theme; both hold for this browser and apply at once. */
export function AppearanceSection() {
  const { t } = useWords();
  const [language, setLanguage] = useState(languageChoice);
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <>
      <Choices
        legend={t('language.title')}
        value={language}
        options={(['auto', 'en', 'de'] as const).map((value) => ({
          value,
          label: t(`language.${value}`),
        }))}
        onChoose={(next) => {
          setLanguage(next);
          void chooseLanguage(next);
        }}
      />
      <Choices
        legend={t('theme.title')}
        value={theme}
        options={(['system', 'light', 'dark'] as const).map((value) => ({
          value,
          label: t(`theme.${value}`),
        }))}
        onChoose={(next) => {
          setTheme(next);
          chooseTheme(next);
        }}
      />
    </>
  );
}
