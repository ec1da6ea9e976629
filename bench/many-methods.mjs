// Sixty methods of different shapes, as services have them: sync and async, with none to four arguments, and with results of
// different types. Each is called at a place of its own, as generated processors do.

export class SyncMethods {
  n = 1;
  text = 'x';

  m0() {
    return this.n;
  }

  m1(a) {
    return a;
  }

  m2(a, b) {
    return a + b;
  }

  m3(a, b, c) {
    return a + b + c;
  }

  m4(a, b, c, d) {
    return a + b + c + d;
  }

  m5() {
    return this.n + 1;
  }

  m6(a) {
    return a + 1;
  }

  m7(a, b) {
    return a * b;
  }

  m8(a, b, c) {
    return { a, b, c };
  }

  m9(a, b, c, d) {
    return { a, d };
  }

  m10() {
    return { n: this.n };
  }

  m11(a) {
    return { a };
  }

  m12(a, b) {
    return { a, b };
  }

  m13(a, b, c) {
    return a * b - c;
  }

  m14(a, b, c, d) {
    return a * b - c * d;
  }

  m15() {
    return null;
  }

  m16(a) {
    return this.text + a;
  }

  m17(a, b) {
    return a < b;
  }

  m18(a, b, c) {
    return [a, b, c];
  }

  m19(a, b, c, d) {
    return [a, d];
  }

  m20() {
    return this.text;
  }

  m21(a) {
    return [a];
  }

  m22(a, b) {
    return [a, b];
  }

  m23(a, b, c) {
    return a === b || b === c;
  }

  m24(a, b, c, d) {
    return a + b === c + d;
  }

  m25() {
    return this.n * 2;
  }

  m26(a) {
    return a > 1;
  }

  m27(a, b) {
    return this.n + a - b;
  }

  m28(a, b, c) {
    return this.n * c + a - b;
  }

  m29(a, b, c, d) {
    return this.n + a + b + c + d;
  }
}

export function callSyncMethods(handler) {
  handler.m0();
  handler.m1(1);
  handler.m2(1, 2);
  handler.m3(1, 2, 3);
  handler.m4(1, 2, 3, 4);
  handler.m5();
  handler.m6(1);
  handler.m7(1, 2);
  handler.m8(1, 2, 3);
  handler.m9(1, 2, 3, 4);
  handler.m10();
  handler.m11(1);
  handler.m12(1, 2);
  handler.m13(1, 2, 3);
  handler.m14(1, 2, 3, 4);
  handler.m15();
  handler.m16(1);
  handler.m17(1, 2);
  handler.m18(1, 2, 3);
  handler.m19(1, 2, 3, 4);
  handler.m20();
  handler.m21(1);
  handler.m22(1, 2);
  handler.m23(1, 2, 3);
  handler.m24(1, 2, 3, 4);
  handler.m25();
  handler.m26(1);
  handler.m27(1, 2);
  handler.m28(1, 2, 3);
  handler.m29(1, 2, 3, 4);
}

export class AsyncMethods {
  n = 1;
  text = 'x';

  async m0() {
    return this.n;
  }

  async m1(a) {
    return a;
  }

  async m2(a, b) {
    return a + b;
  }

  async m3(a, b, c) {
    return a + b + c;
  }

  async m4(a, b, c, d) {
    return a + b + c + d;
  }

  async m5() {
    return this.n + 1;
  }

  async m6(a) {
    return a + 1;
  }

  async m7(a, b) {
    return a * b;
  }

  async m8(a, b, c) {
    return { a, b, c };
  }

  async m9(a, b, c, d) {
    return { a, d };
  }

  async m10() {
    return { n: this.n };
  }

  async m11(a) {
    return { a };
  }

  async m12(a, b) {
    return { a, b };
  }

  async m13(a, b, c) {
    return a * b - c;
  }

  async m14(a, b, c, d) {
    return a * b - c * d;
  }

  async m15() {
    return null;
  }

  async m16(a) {
    return this.text + a;
  }

  async m17(a, b) {
    return a < b;
  }

  async m18(a, b, c) {
    return [a, b, c];
  }

  async m19(a, b, c, d) {
    return [a, d];
  }

  async m20() {
    return this.text;
  }

  async m21(a) {
    return [a];
  }

  async m22(a, b) {
    return [a, b];
  }

  async m23(a, b, c) {
    return a === b || b === c;
  }

  async m24(a, b, c, d) {
    return a + b === c + d;
  }

  async m25() {
    return this.n * 2;
  }

  async m26(a) {
    return a > 1;
  }

  async m27(a, b) {
    return this.n + a - b;
  }

  async m28(a, b, c) {
    return this.n * c + a - b;
  }

  async m29(a, b, c, d) {
    return this.n + a + b + c + d;
  }
}

export function callAsyncMethods(handler) {
  handler.m0();
  handler.m1(1);
  handler.m2(1, 2);
  handler.m3(1, 2, 3);
  handler.m4(1, 2, 3, 4);
  handler.m5();
  handler.m6(1);
  handler.m7(1, 2);
  handler.m8(1, 2, 3);
  handler.m9(1, 2, 3, 4);
  handler.m10();
  handler.m11(1);
  handler.m12(1, 2);
  handler.m13(1, 2, 3);
  handler.m14(1, 2, 3, 4);
  handler.m15();
  handler.m16(1);
  handler.m17(1, 2);
  handler.m18(1, 2, 3);
  handler.m19(1, 2, 3, 4);
  handler.m20();
  handler.m21(1);
  handler.m22(1, 2);
  handler.m23(1, 2, 3);
  handler.m24(1, 2, 3, 4);
  handler.m25();
  handler.m26(1);
  handler.m27(1, 2);
  handler.m28(1, 2, 3);
  handler.m29(1, 2, 3, 4);
}

/** The number of methods that each function above calls. */
export const METHODS = 30;
