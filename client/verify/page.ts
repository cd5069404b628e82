import page from '../page.css?inline';
import tokens from '../styles/tokens.css?inline';
import { GorunVerifyPage } from './verify-page.ts';
import { languageOf, speak } from './languages.ts';

/** All of it is in one file, which is opened from anywhere: nothing is fetched, and nothing is sent. */
async function begin(): Promise<void> {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${tokens}\n${page}`);
  document.adoptedStyleSheets = [sheet];
  const language = languageOf(navigator.languages);
  await speak(language);
  const shown = new GorunVerifyPage();
  shown.language = language;
  document.body.append(shown);
}

void begin();
