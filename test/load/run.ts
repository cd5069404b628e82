/** How a load run is to be done. */
export interface Run {
  readonly isQuick: boolean;
  /** How often each contender is measured; contender and comparator take turns. */
  readonly repeats: number;
  /** Progress, a line at a time. */
  say(text: string): void;
}
