export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** Parses the samples of a text in Prometheus format 0.0.4, strictly by its specification. */
export function parseText(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line has to end with a line feed');
  return text
    .slice(0, -1)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseLine);
}

function parseLine(line: string): Sample {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0] ?? '';
  const labels = new Map<string, string>();
  let rest = line.slice(name.length);
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    while (!rest.startsWith('}')) {
      // In a value, only backslash, quote and line feed are escaped.
      const found = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\"]|\\[\\"n])*)"(?:,|(?=\}))/.exec(rest);
      if (found === null)
        throw new Error(`no label at ${JSON.stringify(rest)} of ${JSON.stringify(line)}`);
      const [whole, label = '', value = ''] = found;
      if (labels.has(label)) throw new Error(`label ${label} twice in ${JSON.stringify(line)}`);
      labels.set(
        label,
        value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
      );
      rest = rest.slice(whole.length);
    }
    rest = rest.slice(1);
  }
  if (name === '' || !/^ \S+$/.test(rest)) throw new Error(`no sample: ${JSON.stringify(line)}`);
  return { name, labels, value: Number(rest) };
}
