export type FigureName =
  | 'lines'
  | 'handLines'
  | 'added'
  | 'handAdded'
  | 'openTelemetryAdded'
  | 'cpu'
  | 'block'
  | 'handCpu'
  | 'handBlock';
export function writeFigures(readme: string, figures: Readonly<Record<FigureName, string>>): string;
