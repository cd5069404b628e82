/** Texts that a page may tell of where its visitor is. */
export const CONTEXT_TEXTS = 20;
/** Characters of the name of one, and of what it says. */
export const CONTEXT_NAME_CHARACTERS = 60;
export const CONTEXT_TEXT_CHARACTERS = 500;
