import type { LocaleModule } from '@lit/localize';

/** English is what the templates are written in, so nothing is replaced. Other languages are files like this one with a template for each id. */
export const templates: LocaleModule['templates'] = {};
