import type {
  AnnotationQuery,
  Dashboard,
  FieldConfigSource,
  Panel,
  RowPanel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import type * as nodegraph from '@grafana/grafana-foundation-sdk/nodegraph';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import type * as stat from '@grafana/grafana-foundation-sdk/stat';
import type * as table from '@grafana/grafana-foundation-sdk/table';
import type * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

/** A marker of the query types in the SDK that is not part of the JSON. */
type Marker = '_implementsDataqueryVariant';

/** A type of Grafana's SDK as it appears in JSON: plain data, with values in place of enum members. */
type Plain<T> = 0 extends 1 & T
  ? unknown
  : T extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : T extends string
      ? `${T}`
      : T extends number
        ? `${T}` extends `${infer Value extends number}`
          ? Value
          : number
        : T extends object
          ? { readonly [Key in keyof T as Exclude<Key, Marker>]: Plain<T[Key]> }
          : T;

/** A dashboard as the SDK describes it. The parts that depend on the panel type are untyped. */
export type PlainDashboard = Plain<Dashboard>;

type Defaults = Plain<FieldConfigSource['defaults']>;

interface PanelOf<Type extends string, Options, Custom> extends Omit<
  Plain<Panel>,
  'type' | 'targets' | 'options' | 'fieldConfig'
> {
  readonly type: Type;
  readonly targets: readonly Plain<Dataquery>[];
  readonly options: Plain<Options>;
  readonly fieldConfig: {
    readonly defaults: Omit<Defaults, 'custom'> & { readonly custom?: Partial<Plain<Custom>> };
    readonly overrides: Plain<FieldConfigSource['overrides']>;
  };
}

type TypedPanel =
  | PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | PanelOf<'stat', stat.Options, never>
  | PanelOf<'table', table.Options, table.FieldConfig>
  | PanelOf<'heatmap', heatmap.Options, heatmap.FieldConfig>
  | PanelOf<'nodeGraph', nodegraph.Options, never>;

interface TypedRow extends Omit<Plain<RowPanel>, 'panels'> {
  readonly panels: readonly TypedPanel[];
}

interface TypedAnnotation extends Omit<Plain<AnnotationQuery>, 'target'> {
  readonly target: Plain<Dataquery>;
}

/**
 * A dashboard whose panels are checked down to queries and options of their types.
 *
 * @public Imported by modules that a test generates.
 */
export interface TypedDashboard extends Omit<PlainDashboard, 'panels' | 'annotations'> {
  readonly panels: readonly (TypedPanel | TypedRow)[];
  readonly annotations: { readonly list: readonly TypedAnnotation[] };
}
