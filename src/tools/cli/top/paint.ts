import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Adds a style to a text for the terminal. */
export type Paint = (style: Style, text: string) => string;

export const PLAIN: Paint = (_style, text) => text;

/** The caller knows whether the terminal shows colors, so Node.js does not need to examine it. */
export const COLORED: Paint = (style, text) =>
  (styleText as (style: Style, text: string, options: object) => string)(style, text, {
    validateStream: false,
  });
