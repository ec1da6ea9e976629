export class CalculatorHandler {
  async add(left: number, right: number): Promise<number> {
    return left + right;
  }

  async divide(left: number, right: number): Promise<number> {
    if (right === 0) throw new RangeError('division by 0');
    return left / right;
  }
}
