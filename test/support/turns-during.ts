/** How many turns of the event loop pass while a promise is pending. */
export async function turnsDuring(pending: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isPending = true;
  const turn = (): void => {
    if (!isPending) return;
    turns++;
    setImmediate(turn);
  };
  setImmediate(turn);
  await pending;
  isPending = false;
  return turns;
}
