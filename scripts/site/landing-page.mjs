const FRONT_MATTER = `---
sidebar: false
aside: false
pageClass: landing
---
`;

const BUTTONS = `<nav class="buttons" aria-label="First steps">

[Tutorial](./tutorial/first-service.md) [Which do I need?](./how-to/choose.md) [All pages](./contents.md)

</nav>`;

/**
 * Makes the README the first page of the site. Its introduction stands side by side: the program and its output, then the
 * picture with the figures.
 */
export function landingPageOf(readme) {
  const end = readme.indexOf('\n## ');
  const blocks = readme.slice(0, end).match(/^```[\s\S]*?^```$|^(?:[^\n]+\n?)+/gm) ?? [];
  const [title, description, ...rest] = blocks.map((block) => block.trim());
  const code = rest.filter((block) => block.startsWith('```'));
  const others = rest.filter((block) => !block.startsWith('```'));
  return [
    FRONT_MATTER + title,
    description,
    '<div class="first-screen">\n<div>',
    ...code,
    '</div>\n<div>',
    ...others.map(addDarkPicture),
    BUTTONS,
    '</div>\n</div>',
    readme.slice(end),
  ].join('\n\n');
}

/** Adds the picture of the dark page, which the dark site shows in place of the light one. */
function addDarkPicture(block) {
  return block.replace(
    /^!\[(.*)\]\((.*)-light\.png\)$/,
    '![$1]($2-light.png){.light-only}\n![$1]($2-dark.png){.dark-only}',
  );
}
